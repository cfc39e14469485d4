package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/smithy-go/logging"

	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/mail/ses"
	"github.com/caretaker/caretaker/internal/seal/kms"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// openAccount finds the region and the rights of the function that this process is.
func openAccount(ctx context.Context, log *slog.Logger) (aws.Config, error) {
	account, err := config.LoadDefaultConfig(ctx, config.WithLogger(sdkLog(log))) //nolint:contextcheck // what it says is of no request
	if err != nil {
		return aws.Config{}, fmt.Errorf("find the AWS account: %w", err)
	}
	return account, nil
}

// sdkLog has the AWS SDK write into the program's log, whose lines are JSON; its own are text.
func sdkLog(log *slog.Logger) logging.Logger {
	return logging.LoggerFunc(func(class logging.Classification, format string, args ...any) {
		level := slog.LevelDebug
		if class == logging.Warn {
			level = slog.LevelWarn
		}
		log.Log(context.Background(), level, "the AWS SDK", slog.String("said", fmt.Sprintf(format, args...)))
	})
}

// onAWS wires a program to DynamoDB, Cognito and KMS; it sends no mail.
func onAWS(c Config, account aws.Config) (*App, error) {
	return cloud{
		database: waiting(account, storeTry), pool: waiting(account, poolTry), keys: waiting(account, keyTry), now: time.Now,
	}.wire(c)
}

// cloud says where each service of AWS is reached.
type cloud struct {
	database, pool, keys aws.Config
	now                  func() time.Time
}

// wire puts a program together of the adapters of AWS.
func (a cloud) wire(c Config) (*App, error) {
	hasher, err := embedded.NewHasher(embedded.Config{Random: rand.Reader})
	if err != nil {
		return nil, err
	}
	// Data keys are kept for a time by the real clock: a test that moves the other one would ask for a new key each time.
	sealer, err := kms.New(awskms.NewFromConfig(a.keys), kms.Config{KeyID: c.SealingKey, Random: rand.Reader, Now: time.Now})
	if err != nil {
		return nil, err
	}
	pool := cognitoidentityprovider.NewFromConfig(a.pool)
	return New(c, Parts{
		Engine:      dynamo.New(dynamodb.NewFromConfig(a.database), c.Table),
		Credentials: cognito.New(pool, cognito.Config{PoolID: c.PoolID, ClientID: c.ClientID}),
		Hasher:      hasher, Sealer: sealer, Now: a.now,
	})
}

// withMail adds sending by SES.
func withMail(a *App, account aws.Config) *App {
	client := sesv2.NewFromConfig(waiting(account, mailTry), ses.LeaveThrottles)
	a.Delivery.Sender = a.paced(ses.New(client, ses.Config{ConfigurationSet: a.config.ConfigurationSet}))
	return a
}
