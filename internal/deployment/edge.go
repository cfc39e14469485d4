package deployment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/caretaker/caretaker/internal/edge"
)

// EdgeRegion is where AWS wants what stands in front.
const EdgeRegion = "us-east-1"

// EdgeStage is how samconfig.toml calls the edge of a stage.
func EdgeStage(stage string) string { return stage + "-edge" }

// BehindEdge tells whether a plan wants an edge.
func (p Plan) BehindEdge() bool { return p.Parameters["Edge"] == "yes" }

// StackUpdates is what is called of *cloudformation.Client.
type StackUpdates interface {
	Stacks
	CreateStack(context.Context, *cloudformation.CreateStackInput, ...func(*cloudformation.Options)) (*cloudformation.CreateStackOutput, error)
	UpdateStack(context.Context, *cloudformation.UpdateStackInput, ...func(*cloudformation.Options)) (*cloudformation.UpdateStackOutput, error)
}

// Edge puts a firewall and CloudFront in front of a deployment. Each of its steps looks at what stands and leaves it so that the
// service can be reached, so whatever ends it, it can be run again.
type Edge struct {
	Plan, Front Plan          // of the deployment, and of what stands before it
	API, Edge   StackUpdates  // in the region of each
	Template    string        // infra/edge.yaml
	NewSecret   func() string // as long as a key
	Out         io.Writer
	Wait        func(context.Context) error // between two looks at what CloudFormation does
}

// Raise makes the edge as it is planned, and then has the API answer it alone: the record leads browsers to it before the
// functions refuse whoever comes by another way.
func (e Edge) Raise(ctx context.Context) error {
	stands, err := e.stands(ctx)
	if err != nil {
		return err
	}
	secret := ""
	if !stands {
		secret = e.NewSecret()
	}
	if err := e.front(ctx, secret); err != nil {
		return err
	}
	return e.settle(ctx)
}

// Rotate gives the edge a new secret. For the time between, the API knows both.
func (e Edge) Rotate(ctx context.Context) error {
	stands, err := e.stands(ctx)
	if err != nil {
		return err
	}
	if !stands {
		return fmt.Errorf("%s: %w", e.Front.Stack, ErrNoStack)
	}
	shown, err := e.shown(ctx)
	if err != nil {
		return err
	}
	secret := e.NewSecret()
	if err := e.believe(ctx, shown["OriginSecretHash"], edge.Hash(secret)); err != nil {
		return err
	}
	if err := e.front(ctx, secret); err != nil {
		return err
	}
	return e.settle(ctx)
}

// settle has the API's name lead to the edge, and the functions believe what it shows and nothing else.
func (e Edge) settle(ctx context.Context) error {
	shown, err := e.shown(ctx)
	if err != nil {
		return err
	}
	if err := e.set(ctx, map[string]string{"EdgeDomain": shown["EdgeDomain"]}); err != nil {
		return err
	}
	if err := e.believe(ctx, shown["OriginSecretHash"]); err != nil {
		return err
	}
	fmt.Fprintf(e.Out, "%s stands in front of %s, at %s\n", e.Front.Stack, e.Plan.Stack, shown["EdgeDomain"])
	if e.Plan.Parameters["HostedZoneId"] == "" {
		fmt.Fprintf(e.Out, "  · have %s lead to %s (a CNAME record, or an alias)\n", e.Plan.Parameters["DomainName"], shown["EdgeDomain"])
	}
	return nil
}

// stands tells whether there is an edge, after what is done to it just now has ended.
func (e Edge) stands(ctx context.Context) (bool, error) {
	_, err := e.ended(ctx, e.Edge, e.Front.Stack)
	if errors.Is(err, ErrNoStack) {
		return false, nil
	}
	return err == nil, err
}

// shown are the outputs of the edge.
func (e Edge) shown(ctx context.Context) (map[string]string, error) {
	s, err := e.ended(ctx, e.Edge, e.Front.Stack)
	if err != nil {
		return nil, err
	}
	values := outputsOf(s)
	for _, name := range []string{"EdgeDomain", "OriginSecretHash"} {
		if values[name] == "" {
			return nil, fmt.Errorf("the stack %s lacks the output %s", e.Front.Stack, name)
		}
	}
	return values, nil
}

// front makes or changes the edge. Without a secret it keeps the one that it has.
func (e Edge) front(ctx context.Context, secret string) error {
	api, err := Find(ctx, e.API, e.Plan.Stack)
	if err != nil {
		return err
	}
	set := maps.Clone(e.Front.Parameters)
	set["DomainName"], set["OriginDomain"] = e.Plan.Parameters["DomainName"], strings.TrimPrefix(api.APIEndpoint, "https://")
	parameters := given(set)
	if secret == "" {
		parameters = append(parameters, kept("OriginSecret"), kept("OriginSecretHash"))
	} else {
		parameters = append(parameters, given(map[string]string{"OriginSecret": secret, "OriginSecretHash": edge.Hash(secret)})...)
	}
	s, err := describe(ctx, e.Edge, e.Front.Stack)
	if errors.Is(err, ErrNoStack) {
		fmt.Fprintf(e.Out, "%s is made; CloudFront takes some minutes\n", e.Front.Stack)
		_, err = e.Edge.CreateStack(ctx, &cloudformation.CreateStackInput{
			StackName: &e.Front.Stack, TemplateBody: &e.Template, Parameters: parameters, EnableTerminationProtection: aws.Bool(e.Plan.Stage == "production"),
			Tags: []types.Tag{{Key: aws.String("project"), Value: aws.String("caretaker")}, {Key: aws.String("stage"), Value: &e.Plan.Stage}},
		})
		return e.carriedOut(ctx, e.Edge, e.Front.Stack, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.Out, "%s is %s, and brought up to date\n", e.Front.Stack, s.StackStatus)
	_, err = e.Edge.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: &e.Front.Stack, TemplateBody: &e.Template, Parameters: parameters})
	return e.carriedOut(ctx, e.Edge, e.Front.Stack, err)
}

// believe has the API answer whoever shows one of these secrets.
func (e Edge) believe(ctx context.Context, hashes ...string) error {
	return e.set(ctx, map[string]string{"OriginSecretHashes": strings.Join(hashes, ",")})
}

// set changes parameters of the deployment, and nothing else of it.
func (e Edge) set(ctx context.Context, values map[string]string) error {
	s, err := e.ended(ctx, e.API, e.Plan.Stack)
	if err != nil {
		return err
	}
	var parameters []types.Parameter
	same := 0
	for _, p := range s.Parameters {
		name := aws.ToString(p.ParameterKey)
		value, changes := values[name]
		if !changes {
			parameters = append(parameters, kept(name))
			continue
		}
		if aws.ToString(p.ParameterValue) == value {
			same++
		}
		parameters = append(parameters, given(map[string]string{name: value})...)
	}
	if same == len(values) {
		return nil
	}
	fmt.Fprintf(e.Out, "%s: %s\n", e.Plan.Stack, strings.Join(slices.Sorted(maps.Keys(values)), ", "))
	_, err = e.API.UpdateStack(ctx, &cloudformation.UpdateStackInput{
		StackName: &e.Plan.Stack, UsePreviousTemplate: aws.Bool(true), Parameters: parameters,
		Capabilities: []types.Capability{types.CapabilityCapabilityIam, types.CapabilityCapabilityAutoExpand},
	})
	return e.carriedOut(ctx, e.API, e.Plan.Stack, err)
}

// carriedOut waits for what a stack was asked for. That there was nothing to do is well.
func (e Edge) carriedOut(ctx context.Context, client Stacks, stack string, err error) error {
	var refused smithy.APIError
	if errors.As(err, &refused) && strings.Contains(refused.ErrorMessage(), "No updates are to be performed") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("change the stack %s: %w", stack, err)
	}
	s, err := e.ended(ctx, client, stack)
	if err == nil && strings.Contains(string(s.StackStatus), "ROLLBACK") {
		err = fmt.Errorf("the stack %s is %s: look at its events for the cause, and run this again", stack, s.StackStatus)
	}
	return err
}

// ended is a stack once nothing is done to it any more. One whose making failed can only be deleted.
func (e Edge) ended(ctx context.Context, client Stacks, stack string) (types.Stack, error) {
	for {
		s, err := describe(ctx, client, stack)
		switch state := string(s.StackStatus); {
		case err != nil:
			return s, err
		case state == string(types.StackStatusRollbackComplete), strings.HasSuffix(state, "_FAILED"):
			return s, fmt.Errorf("the stack %s is %s: look at its events for the cause; `make preflight` says how to go on", stack, state)
		case !strings.HasSuffix(state, "_IN_PROGRESS"):
			return s, nil
		}
		if err := e.Wait(ctx); err != nil {
			return types.Stack{}, err
		}
	}
}

// Patience waits some seconds.
func Patience(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Second):
		return nil
	}
}

func given(set map[string]string) []types.Parameter {
	var parameters []types.Parameter
	for _, name := range slices.Sorted(maps.Keys(set)) {
		parameters = append(parameters, types.Parameter{ParameterKey: &name, ParameterValue: aws.String(set[name])})
	}
	return parameters
}

func kept(name string) types.Parameter {
	return types.Parameter{ParameterKey: &name, UsePreviousValue: aws.Bool(true)}
}

func outputsOf(s types.Stack) map[string]string {
	values := map[string]string{}
	for _, o := range s.Outputs {
		values[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return values
}
