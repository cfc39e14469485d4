package app

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// metric is one figure of a report.
type metric struct {
	name, unit string
	value      float64
}

func count(name string, n int) metric { return metric{name, "Count", float64(n)} }

func seconds(name string, d time.Duration) metric { return metric{name, "Seconds", d.Seconds()} }

// measure writes figures as one line of the log that is the metrics too.
func (a *App) measure(ctx context.Context, message, function string, figures []metric) {
	a.config.Log.LogAttrs(ctx, slog.LevelInfo, message, a.figures(function, figures)...)
}

// figures are members of a line of the log from which CloudWatch makes metrics by itself (its embedded metric format: the
// member _aws names those members of the line that are figures). It takes no call and no right. The function is the one
// dimension: each value of each further one would be a metric to pay for.
func (a *App) figures(function string, figures []metric) []slog.Attr {
	defined := make([]map[string]string, len(figures))
	attributes := []slog.Attr{slog.String("Function", cmp.Or(lambdacontext.FunctionName, function))}
	for i, m := range figures {
		defined[i] = map[string]string{"Name": m.name, "Unit": m.unit}
		attributes = append(attributes, slog.Float64(m.name, m.value))
	}
	return append(attributes, slog.Any("_aws", map[string]any{
		"Timestamp": a.Directory.Clock().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": "Caretaker", "Dimensions": [][]string{{"Function"}}, "Metrics": defined,
		}},
	}))
}
