package deployment

import (
	"fmt"
	"io"
)

// Tell writes findings for people, those that stand in the way last.
func Tell(out io.Writer, found []Finding) {
	for _, level := range []Level{OK, Look, Missing} {
		for _, f := range found {
			if f.Level != level {
				continue
			}
			fmt.Fprintf(out, "%-8s %s\n", f.Level, f.What)
			if f.Do != "" {
				fmt.Fprintf(out, "         → %s\n", f.Do)
			}
		}
	}
}

// Next says what a deployment is and what comes after it.
func (o Outputs) Next(out io.Writer, p Plan) {
	fmt.Fprintf(out, "\n%s is deployed in %s.\n\n  for browsers  %s\n  API           %s\n  table         %s\n  user pool     %s\n  key           %s\n\n",
		p.Stack, p.Region, o.BaseURL, o.APIEndpoint, o.Table, o.PoolID, o.SealingKey)
	fmt.Fprintf(out, "Next:\n")
	if p.Parameters["CertificateArn"] == "" && !p.BehindEdge() {
		fmt.Fprintf(out, "  · put %s in front of %s\n", p.Parameters["DomainName"], o.APIEndpoint)
	}
	fmt.Fprintf(out, "  · the first time: make bootstrap DEPLOYMENT=%s OPERATOR='Your Name <you@your.domain>'\n", p.Stack)
	fmt.Fprintf(out, "  · curl -fsS %s/api/openapi.json | head -c 100   answers\n", o.BaseURL)
	fmt.Fprintf(out, "  · docs/operating.md says the rest: who is called when, backups, keys, costs\n")
}
