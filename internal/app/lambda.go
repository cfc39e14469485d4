package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"

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
	return httpadapter.NewV2(h).ProxyWithContext, nil
}

// stop ends a function that cannot start. Lambda shows what is written and tries again.
func stop(err error) {
	slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the function cannot start", slog.Any("error", err))
	os.Exit(1)
}
