// Command digest is the Lambda function for the weekly mail to administrators, by a schedule.
package main

import (
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/cloud"
)

func main() { cloud.Serve(func(a *app.App) any { return a.Digested }) }
