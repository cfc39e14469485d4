// Package front wires the functions that answer browsers: what people prove who they are with, and what secrets are sealed and
// hashed with.
package front

import (
	"crypto/rand"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/cloud"
	"github.com/caretaker/caretaker/internal/breached"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/edge"
	"github.com/caretaker/caretaker/internal/federation"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/seal/kms"
	"github.com/caretaker/caretaker/internal/totp"
)

// Serve is the whole of a function behind the HTTP API: it serves an area of the interface, with further parts, and does not
// return.
func Serve(area httpapi.Area, further ...app.Add) {
	handle, err := Handler(area, further...)
	if err != nil {
		cloud.Stop(err)
	}
	lambda.Start(handle)
}

// Handler answers the events of API Gateway for an area, in the environment of a function.
func Handler(area httpapi.Area, further ...app.Add) (edge.Handler, error) {
	a, err := cloud.Open(nil, Parts(further...)...)
	if err != nil {
		return nil, err
	}
	return a.Gateway(area)
}

// Parts are those of every function behind the HTTP API, and further ones.
func Parts(further ...app.Add) []cloud.Part {
	parts := []cloud.Part{func(account aws.Config) app.Add { return Keys(cloud.Within(account, cloud.KeyTry)) }}
	for _, add := range append([]app.Add{Proofs}, further...) {
		parts = append(parts, func(aws.Config) app.Add { return add })
	}
	return parts
}

// Keys seals secrets with KMS, and hashes what is never read again.
func Keys(account aws.Config) app.Add {
	return func(c app.Config, p *app.Parts) (err error) {
		if p.Hasher, err = embedded.NewHasher(embedded.Config{Random: rand.Reader}); err != nil {
			return err
		}
		// Data keys are kept for a time by the real clock: a test that moves the other one would ask for a new key each time.
		p.Sealer, err = kms.New(awskms.NewFromConfig(account), kms.Config{KeyID: c.SealingKey, Random: rand.Reader, Now: time.Now})
		return err
	}
}

// Proofs adds authenticator apps, identity providers, and which passwords are known. Passkeys are apart: see package passkey.
func Proofs(c app.Config, p *app.Parts) error {
	p.TOTP, p.Common = totp.Codes{Random: rand.Reader}, breached.Known
	// A provider tells the time by the real clock, so its tokens are judged by that.
	p.Providers = federation.New(federation.Config{BaseURL: c.BaseURL, Now: time.Now, AllowLoopback: c.AllowLoopback})
	return nil
}
