// Command console is the Lambda function that serves the web console.
package main

import (
	"crypto/rand"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/caretaker/caretaker/internal/console"
	"github.com/caretaker/caretaker/internal/edge"
)

func main() {
	files, err := console.New(console.Files(), rand.Reader) //nolint:forbidigo // there is no app here to set it
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the function cannot start", slog.Any("error", err))
		os.Exit(1)
	}
	lambda.Start(edge.Guard(httpadapter.NewV2(files).ProxyWithContext))
}
