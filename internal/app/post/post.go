// Package post wires the function that sends mails.
package post

import (
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/cloud"
	"github.com/caretaker/caretaker/internal/mail/ses"
)

// needed is what the function notify needs beside what every function does.
var needed = []string{"MAIL_FROM", "CONFIGURATION_SET", "MAIL_RATE"}

// Serve is the whole of the function notify: it delivers the mails of the table's stream, tidies up when the schedule asks
// for it, and does not return.
func Serve() {
	a, err := cloud.Open(needed, func(account aws.Config) app.Add { return Mail(cloud.Within(account, cloud.MailTry)) })
	if err != nil {
		cloud.Stop(err)
	}
	lambda.Start(a.Notify)
}

// Mail sends by SES.
func Mail(account aws.Config) app.Add {
	return func(c app.Config, p *app.Parts) error {
		p.Sender = ses.New(sesv2.NewFromConfig(account, ses.LeaveThrottles), ses.Config{ConfigurationSet: c.ConfigurationSet})
		return nil
	}
}
