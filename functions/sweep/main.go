// Command sweep is the Lambda function for what happens to accounts by themselves, by a schedule.
package main

import (
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/cloud"
)

func main() { cloud.Serve(func(a *app.App) any { return a.Swept }) }
