package cloud

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"
)

// Account is the region and the rights that Lambda gives a function, in the environment and nowhere else. The SDK's own search
// would also look into files, single sign-on and the metadata of machines: two megabytes, and clients that are made at each
// start, for what a function never has.
func Account(getenv func(string) string, log *slog.Logger) (aws.Config, error) {
	region, id, secret := getenv("AWS_REGION"), getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY")
	if region == "" || id == "" || secret == "" {
		return aws.Config{}, errors.New("find the AWS account: AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set, as Lambda sets them")
	}
	account := aws.Config{
		Region:        region,
		Credentials:   credentials.NewStaticCredentialsProvider(id, secret, getenv("AWS_SESSION_TOKEN")),
		ConfigSources: []any{endpoints(getenv)},
		Logger:        sdkLog(log),
	}
	if all := getenv("AWS_ENDPOINT_URL"); all != "" {
		account.BaseEndpoint = &all
	}
	return account, nil
}

// endpoints has clients look for a service elsewhere, by the SDK's own variables, such as AWS_ENDPOINT_URL_DYNAMODB: where
// functions run against emulators.
type endpoints func(getenv string) string

// GetServiceBaseEndpoint is what clients of the SDK ask their configuration for.
func (e endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (address string, found bool, err error) {
	address = e("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return address, address != "", nil
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
