package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// What every function needs, and what notify needs beside it.
var (
	httpNeeds   = []string{"TABLE", "USER_POOL_ID", "USER_POOL_CLIENT_ID", "BASE_URL", "SEALING_KEY"}
	notifyNeeds = append(slices.Clone(httpNeeds), "MAIL_FROM", "CONFIGURATION_SET")
)

// ServeArea is the whole of a function behind the HTTP API: it serves one area of the interface and does not return.
func ServeArea(name string) {
	handle, err := areaHandler(context.Background(), name)
	if err != nil {
		stop(err)
	}
	lambda.Start(handle)
}

// GatewayHandler answers an event of API Gateway's HTTP API, payload format 2.0.
type GatewayHandler func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

func areaHandler(ctx context.Context, name string) (GatewayHandler, error) {
	areas := httpapi.Areas()
	i := slices.IndexFunc(areas, func(a httpapi.Area) bool { return a.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no area %q", name)
	}
	a, err := functionApp(ctx)
	if err != nil {
		return nil, err
	}
	return a.Gateway(areas[i])
}

// Gateway is an area as API Gateway calls it.
func (a *App) Gateway(area httpapi.Area) (GatewayHandler, error) {
	h, err := a.HTTP(area)
	if err != nil {
		return nil, err
	}
	return httpadapter.NewV2(h).ProxyWithContext, nil
}

// ServeNotify is the whole of the function notify: it delivers the mails of the table's stream, tidies up when the
// schedule asks for it, and does not return.
func ServeNotify() {
	c, err := ConfigFromEnv(os.Getenv, notifyNeeds...)
	if err != nil {
		stop(err)
	}
	account, err := openAccount(context.Background())
	if err != nil {
		stop(err)
	}
	a, err := onAWS(c, account)
	if err != nil {
		stop(err)
	}
	lambda.Start(withMail(a, account).Notify)
}

// Notify handles an event of the table's stream or of the schedule. Of a batch it names the records that have to come
// again; a schedule that failed fails as a whole.
func (a *App) Notify(ctx context.Context, event json.RawMessage) (events.DynamoDBEventResponse, error) {
	var stream events.DynamoDBEvent
	if err := json.Unmarshal(event, &stream); err != nil {
		return events.DynamoDBEventResponse{}, fmt.Errorf("read the event: %w", err)
	}
	if stream.Records == nil {
		return events.DynamoDBEventResponse{}, a.tidy(ctx)
	}
	return a.deliverAll(ctx, stream.Records), nil
}

func (a *App) tidy(ctx context.Context) error {
	done, err := a.Tidy(ctx)
	a.config.Log.InfoContext(ctx, "tidied", slog.Any("done", done))
	return err
}

func (a *App) deliverAll(ctx context.Context, records []events.DynamoDBEventRecord) events.DynamoDBEventResponse {
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, r := range records {
		if err := a.deliverRecord(ctx, r); err != nil {
			a.config.Log.WarnContext(ctx, "a mail was not delivered", slog.String("record", r.Change.SequenceNumber), slog.Any("error", err))
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	return answer
}

func (a *App) deliverRecord(ctx context.Context, r events.DynamoDBEventRecord) error {
	change, err := dynamo.Decode(r)
	if err != nil {
		return err
	}
	return a.Deliver(ctx, change)
}

// stop ends a function that cannot start. Lambda shows what is written and tries again.
func stop(err error) {
	slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the function cannot start", slog.Any("error", err))
	os.Exit(1)
}
