package host

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/cloud"
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/app/post"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// patience is what tests on a busy machine need: an emulator of a table is slower there than any table.
const patience = 30 * time.Second

// Endpoints say where the emulators of AWS services answer, such as "http://127.0.0.1:8000".
type Endpoints struct{ DynamoDB, Moto, SES string }

// OpenEmulated opens an installation on emulators of DynamoDB, Cognito and SES: the adapters of the cloud, on one
// machine. It makes a table and a user pool of its own, whatever names c has; they last as long as the emulators. The
// SES emulator takes mails from any sender and shows everybody's.
func OpenEmulated(ctx context.Context, c app.Config, at Endpoints, now func() time.Time) (*Local, error) {
	c.Table, c.AllowLoopback = "caretaker-"+rand.Text(), true
	database := emulator(at.DynamoDB)
	tables := dynamodb.NewFromConfig(database)
	if err := dynamo.CreateTable(ctx, tables, c.Table); err != nil {
		return nil, err
	}
	pools := cognitoidentityprovider.NewFromConfig(emulator(at.Moto))
	var err error
	if c.PoolID, c.ClientID, err = cognito.CreatePool(ctx, pools); err != nil {
		return nil, err
	}
	if c.SealingKey, err = sealingKey(ctx, kms.NewFromConfig(emulator(at.Moto))); err != nil {
		return nil, err
	}
	p := app.Parts{Now: now}
	err = app.AddAll(c, &p, cloud.Database(database, dynamo.WithPatience(patience)), cloud.Pool(emulator(at.Moto)), front.Keys(emulator(at.Moto)), front.Proofs, passkey.Add,
		post.Mail(emulator(at.SES)))
	if err != nil {
		return nil, err
	}
	feed := dynamo.NewFeed(dynamodbstreams.NewFromConfig(database), c.Table, store.Followed)
	a := app.New(c, p)
	a.Delivery.MarkWithin = patience
	return &Local{App: a, Inbox: inbox.Remote(at.SES, time.Now()), Feed: feed}, nil
}

// sealingKey makes the key that the template has.
func sealingKey(ctx context.Context, keys *kms.Client) (string, error) {
	made, err := keys.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	return *made.KeyMetadata.Arn, nil
}

// emulator is the configuration of clients of an emulator. Nothing of it comes from this machine's settings, so that no
// real account is ever reached.
func emulator(endpoint string) aws.Config {
	return aws.Config{
		Region: "eu-west-2", Credentials: credentials.NewStaticCredentialsProvider("emulator", "emulator", ""),
		BaseEndpoint: &endpoint,
	}
}
