package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/caretaker/caretaker/infra"
	"github.com/caretaker/caretaker/internal/deployment"
)

var errNoEdge = errors.New("this stage has no edge: Edge is not yes in samconfig.toml, or the section for the edge is missing")

// edge puts the firewall and CloudFront in front of a deployment that is to have them, and does nothing for others.
func (p program) edge(ctx context.Context, args []string) error {
	plan, front, err := p.plans("edge", args)
	if err != nil || !plan.BehindEdge() {
		return err
	}
	e, err := p.edgeOf(ctx, plan, front)
	if err != nil {
		return err
	}
	return e.Raise(ctx)
}

// rotateOriginSecret changes what CloudFront shows to the API.
func (p program) rotateOriginSecret(ctx context.Context, args []string) error {
	plan, front, err := p.plans("rotate-origin-secret", args)
	if err != nil {
		return err
	}
	if !plan.BehindEdge() {
		return errNoEdge
	}
	e, err := p.edgeOf(ctx, plan, front)
	if err != nil {
		return err
	}
	return e.Rotate(ctx)
}

func (p program) edgeOf(ctx context.Context, plan, front deployment.Plan) (deployment.Edge, error) {
	if front.Stack == "" {
		return deployment.Edge{}, errNoEdge
	}
	there, err := p.account(ctx, plan.Region)
	if err != nil {
		return deployment.Edge{}, err
	}
	here, err := p.account(ctx, front.Region)
	if err != nil {
		return deployment.Edge{}, err
	}
	fmt.Fprintf(p.stdout, "the edge of %s, in %s\n", plan.Stack, front.Region)
	return deployment.Edge{
		Plan: plan, Front: front, API: cloudformation.NewFromConfig(there), Edge: cloudformation.NewFromConfig(here),
		Template: infra.EdgeTemplate, NewSecret: func() string { return rand.Text() + rand.Text() }, Out: p.stdout, Wait: deployment.Patience,
	}, nil
}
