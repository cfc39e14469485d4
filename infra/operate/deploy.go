package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/caretaker/caretaker/internal/costs"
	"github.com/caretaker/caretaker/internal/deployment"
)

var errNotReady = errors.New("it must not be deployed yet; what is missing stands above, with what to do")

// preflight looks before a deployment.
func (p program) preflight(ctx context.Context, args []string) error {
	plan, front, err := p.plans("preflight", args)
	if err != nil {
		return err
	}
	account, err := p.account(ctx, plan.Region)
	if err != nil {
		return err
	}
	found, ready := deployment.Preflight{
		Plan: plan, Front: front, Accounts: sts.NewFromConfig(account), Mails: sesv2.NewFromConfig(account), Stacks: cloudformation.NewFromConfig(account),
	}.Run(ctx)
	deployment.Tell(p.stdout, found)
	if !ready {
		return errNotReady
	}
	return nil
}

// outputs says what was deployed, and what comes next.
func (p program) outputs(ctx context.Context, args []string) error {
	plan, _, err := p.plans("outputs", args)
	if err != nil {
		return err
	}
	account, err := p.account(ctx, plan.Region)
	if err != nil {
		return err
	}
	found, err := deployment.Find(ctx, cloudformation.NewFromConfig(account), plan.Stack)
	if err == nil {
		found.Next(p.stdout, plan)
	}
	return err
}

// cost prints what a deployment is estimated to cost.
func (p program) cost(context.Context, []string) error {
	_, err := fmt.Fprint(p.stdout, costs.Table(costs.List))
	return err
}

// plans are those of a stage: of the deployment and, if it is to have one, of the edge.
func (p program) plans(command string, args []string) (plan, front deployment.Plan, err error) {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	stage := flags.String("stage", "", "staging or production, as in samconfig.toml")
	file := flags.String("samconfig", "samconfig.toml", "the file with the plans")
	if err := p.parse(flags, args, "stage"); err != nil {
		return plan, front, err
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return plan, front, fmt.Errorf("read the plans: %w", err)
	}
	if plan, err = deployment.ReadPlan(text, *stage); err != nil || !plan.BehindEdge() {
		return plan, front, err
	}
	front, err = deployment.ReadPlan(text, deployment.EdgeStage(*stage))
	if errors.Is(err, deployment.ErrNoPlan) {
		err = nil // preflight says what to write
	}
	return plan, front, err
}
