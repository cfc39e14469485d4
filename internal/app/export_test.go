package app

// What functions are wired with, for tests that put themselves in the place of AWS.
var (
	OnAWS    = onAWS
	WithMail = withMail
)
