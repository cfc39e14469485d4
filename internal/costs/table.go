package costs

import (
	"fmt"
	"strings"
)

// Sizes are the numbers of users that the table shows.
var Sizes = []float64{1_000, 100_000, 10_000_000}

// Table is the estimate as it stands in docs/operating.md.
func Table(p Prices) string {
	var all []Estimate
	for _, users := range Sizes {
		all = append(all, Of(users, p))
	}
	var b strings.Builder
	b.WriteString("| US dollars a month | 1,000 users | 100,000 users | 10 million users |\n|---|---|---|---|\n")
	for _, row := range []struct {
		name string
		of   func(Estimate) float64
	}{
		{"DynamoDB: reads", func(e Estimate) float64 { return e.Reads }},
		{"DynamoDB: writes", func(e Estimate) float64 { return e.Writes }},
		{"DynamoDB: storage after a year, and backups by the moment", func(e Estimate) float64 { return e.Storage }},
		{"API Gateway", func(e Estimate) float64 { return e.Calls }},
		{"Lambda", func(e Estimate) float64 { return e.Functions }},
		{"Cognito, tier Lite", func(e Estimate) float64 { return e.Passwords }},
		{"SES", func(e Estimate) float64 { return e.Mails }},
		{"logs", func(e Estimate) float64 { return e.Logs }},
		{"key, alarms, dashboard", func(e Estimate) float64 { return e.Fixed }},
		{"**all**", Estimate.Total},
		{"**a user**", func(e Estimate) float64 { return e.Total() / e.Users }},
	} {
		b.WriteString("| " + row.name)
		for _, e := range all {
			b.WriteString(" | " + amount(row.of(e)))
		}
		b.WriteString(" |\n")
	}
	return b.String()
}

// amount is as exact as an estimate is.
func amount(dollars float64) string {
	switch {
	case dollars < 1:
		return fmt.Sprintf("%.3f", dollars)
	case dollars < 100:
		return fmt.Sprintf("%.2f", dollars)
	}
	text := fmt.Sprintf("%.0f", dollars)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
