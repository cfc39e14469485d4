package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/caretaker/caretaker/internal/httpapi"
)

// httpNeeds is what every function needs.
var httpNeeds = []string{"TABLE", "USER_POOL_ID", "USER_POOL_CLIENT_ID", "BASE_URL", "SEALING_KEY"}

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
	return inTime(httpadapter.NewV2(h).ProxyWithContext), nil
}

// AnswerWithin is when a request is given up, so that the caller reads why from us: Lambda ends the function some seconds
// later, without a word, and what was begun could not be put away.
const AnswerWithin = 10 * time.Second

func inTime(handle GatewayHandler) GatewayHandler {
	return func(ctx context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		ctx, cancel := context.WithTimeout(ctx, AnswerWithin)
		defer cancel()
		return handle(ctx, r)
	}
}

// stop ends a function that cannot start. Lambda shows what is written and tries again.
func stop(err error) {
	slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the function cannot start", slog.Any("error", err))
	os.Exit(1)
}
