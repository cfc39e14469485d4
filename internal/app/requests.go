package app

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
)

type requestKey struct{}

// observe gives a request an id, and adds to what the log says of it what it cost at the store and what is counted.
func (a *App) observe(ctx context.Context) (context.Context, func(httpapi.Seen) []slog.Attr) {
	m := &engine.Meter{}
	ctx = context.WithValue(store.WithAhead(engine.WithMeter(ctx, m)), requestKey{}, a.requestID(ctx))
	return ctx, func(seen httpapi.Seen) []slog.Attr {
		cost := m.Total()
		return append([]slog.Attr{
			slog.Int("storeCalls", cost.Calls), slog.Int("storeTrips", cost.Trips), slog.Float64("readUnits", cost.ReadUnits), slog.Float64("writeUnits", cost.WriteUnits),
		}, a.counted(seen)...)
	}
}

// requestID is API Gateway's, which is in its own log of requests and in the answer's header too; elsewhere a new one.
func (a *App) requestID(ctx context.Context) string {
	if gateway, ok := core.GetAPIGatewayV2ContextFromContext(ctx); ok && gateway.RequestID != "" {
		return gateway.RequestID
	}
	return a.Directory.NewID()
}

// counted are figures of a request. How many there are, and how long they take, API Gateway and Lambda count themselves, so
// most requests have none.
func (a *App) counted(seen httpapi.Seen) []slog.Attr {
	var figures []metric
	if seen.Status >= http.StatusInternalServerError {
		figures = append(figures, count("RequestsFailed", 1))
	}
	if seen.SignIn {
		figures = append(figures, count("SignIns", oneIf(seen.SignedIn)), count("SignInFailures", oneIf(!seen.SignedIn)))
	}
	if figures == nil {
		return nil
	}
	return a.figures("http", figures)
}

// traced is a log whose lines say what they belong to, so that all that was written about a request is found by its id.
type traced struct{ slog.Handler }

// traceable adds that to a log.
func traceable(log *slog.Logger) *slog.Logger {
	if log == nil {
		return nil
	}
	return slog.New(traced{log.Handler()})
}

// Handle adds the request that the context is of, and Lambda's id of the function's run, which its own lines have too.
func (t traced) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(requestKey{}).(string); ok {
		r.AddAttrs(slog.String("requestId", id))
	}
	if run, ok := lambdacontext.FromContext(ctx); ok && run != nil {
		r.AddAttrs(slog.String("run", run.AwsRequestID))
	}
	return t.Handler.Handle(ctx, r)
}

// WithAttrs keeps it so.
func (t traced) WithAttrs(attributes []slog.Attr) slog.Handler {
	return traced{t.Handler.WithAttrs(attributes)}
}

// WithGroup keeps it so.
func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }
