// Command mailfeedback is the Lambda function for what SES tells about mails later: that they bounced, or that somebody
// complained.
package main

import "github.com/caretaker/caretaker/internal/app"

func main() { app.ServeMailFeedback() }
