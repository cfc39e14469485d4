// Package infra holds what is deployed beside template.yaml.
package infra

import _ "embed"

// EdgeTemplate is the firewall and CloudFront in front of a deployment.
//
//go:embed edge.yaml
var EdgeTemplate string
