package app

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/mail/ses"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// openAccount finds the region and the rights of the function that this process is.
func openAccount(ctx context.Context) (aws.Config, error) {
	account, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return aws.Config{}, fmt.Errorf("find the AWS account: %w", err)
	}
	return account, nil
}

// onAWS wires a program to DynamoDB and Cognito; it sends no mail.
func onAWS(c Config, account aws.Config) *App {
	return New(c, Parts{
		Engine:      dynamo.New(dynamodb.NewFromConfig(account), c.Table),
		Credentials: cognito.New(cognitoidentityprovider.NewFromConfig(account), cognito.Config{PoolID: c.PoolID, ClientID: c.ClientID}),
	})
}

// withMail adds sending by SES.
func withMail(a *App, account aws.Config) *App {
	a.Delivery.Sender = ses.New(sesv2.NewFromConfig(account), ses.Config{ConfigurationSet: a.config.ConfigurationSet})
	return a
}
