// Command mailfeedback is the Lambda function for what SES tells about mails later: that they bounced, or that somebody
// complained.
package main

import (
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/cloud"
)

func main() { cloud.Serve(func(a *app.App) any { return a.Told }) }
