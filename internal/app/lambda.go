package app

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/caretaker/caretaker/internal/edge"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// Gateway is an area as API Gateway calls it.
func (a *App) Gateway(area httpapi.Area) (edge.Handler, error) {
	h, err := a.HTTP(area)
	if err != nil {
		return nil, err
	}
	return edge.Guard(inTime(httpadapter.NewV2(h).ProxyWithContext)), nil
}

// AnswerWithin is when a request is given up, so that the caller reads why from us: Lambda ends the function some seconds
// later, without a word, and what was begun could not be put away.
const AnswerWithin = 10 * time.Second

func inTime(handle edge.Handler) edge.Handler {
	return func(ctx context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		ctx, cancel := context.WithTimeout(ctx, AnswerWithin)
		defer cancel()
		return handle(ctx, r)
	}
}
