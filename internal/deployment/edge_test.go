package deployment_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/caretaker/caretaker/internal/deployment"
	"github.com/caretaker/caretaker/internal/edge"
)

const (
	apiStack  = "caretaker-production"
	edgeStack = "caretaker-production-edge"
	edgeHost  = "d111111abcdef8.cloudfront.net"
	apiDomain = "abc.execute-api.eu-west-2.amazonaws.com"
)

var errCut = errors.New("the line is cut")

// clouds are the two stacks, as CloudFormation has them. After each call it is looked whether the service can be reached.
type clouds struct {
	t          *testing.T
	stacks     map[string]map[string]string // parameters
	state      map[string]types.StackStatus
	calls      int
	cutAt      int // the call after which nothing answers any more; 0 is none
	waits      int
	believed   []string // what OriginSecretHashes was, one after the other
	reachedVia []string // what EdgeDomain was
}

func newClouds(t *testing.T) *clouds {
	return &clouds{
		t:      t,
		stacks: map[string]map[string]string{apiStack: {"Stage": "production", "Edge": "yes", "EdgeDomain": "", "OriginSecretHashes": "", "MailRate": "10"}},
		state:  map[string]types.StackStatus{apiStack: types.StackStatusUpdateComplete},
	}
}

func (c *clouds) call() error {
	c.calls++
	if c.cutAt != 0 && c.calls > c.cutAt {
		return errCut
	}
	return nil
}

func (c *clouds) DescribeStacks(_ context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if err := c.call(); err != nil {
		return nil, err
	}
	name := *in.StackName
	set, there := c.stacks[name]
	if !there {
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id " + name + " does not exist"}
	}
	s := types.Stack{StackStatus: c.state[name]}
	for key, value := range set {
		if key == "OriginSecret" {
			value = "****" // NoEcho
		}
		s.Parameters = append(s.Parameters, types.Parameter{ParameterKey: &key, ParameterValue: &value})
	}
	outputs := map[string]string{"EdgeDomain": edgeHost, "OriginSecretHash": set["OriginSecretHash"]}
	if name == apiStack {
		outputs = map[string]string{
			"BaseUrl": "https://users.school.uk", "ApiEndpoint": "https://" + apiDomain, "TableName": "t", "UserPoolId": "p", "UserPoolClientId": "c", "SealingKeyArn": "k",
		}
	}
	for key, value := range outputs {
		s.Outputs = append(s.Outputs, types.Output{OutputKey: &key, OutputValue: &value})
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{s}}, nil
}

func (c *clouds) CreateStack(_ context.Context, in *cloudformation.CreateStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.CreateStackOutput, error) {
	if err := c.call(); err != nil {
		return nil, err
	}
	if c.stacks[*in.StackName] != nil || *in.TemplateBody != "the template" {
		c.t.Errorf("%s is made of %s", *in.StackName, *in.TemplateBody)
	}
	c.stacks[*in.StackName] = map[string]string{}
	c.apply(*in.StackName, in.Parameters, types.StackStatusCreateInProgress)
	return &cloudformation.CreateStackOutput{}, nil
}

func (c *clouds) UpdateStack(_ context.Context, in *cloudformation.UpdateStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.UpdateStackOutput, error) {
	if err := c.call(); err != nil {
		return nil, err
	}
	name := *in.StackName
	ofAPI := name == apiStack && aws.ToBool(in.UsePreviousTemplate) && slices.Contains(in.Capabilities, types.CapabilityCapabilityAutoExpand)
	if ofEdge := name == edgeStack && aws.ToString(in.TemplateBody) == "the template"; !ofAPI && !ofEdge {
		c.t.Errorf("%s is changed by %+v", name, in)
	}
	if strings.HasSuffix(string(c.state[name]), "_IN_PROGRESS") {
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: name + " is in " + string(c.state[name])}
	}
	if !c.apply(name, in.Parameters, types.StackStatusUpdateInProgress) {
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "No updates are to be performed."}
	}
	return &cloudformation.UpdateStackOutput{}, nil
}

// apply tells whether anything changes.
func (c *clouds) apply(name string, parameters []types.Parameter, state types.StackStatus) (changed bool) {
	set := c.stacks[name]
	for _, p := range parameters {
		value, was := aws.ToString(p.ParameterValue), set[*p.ParameterKey]
		if aws.ToBool(p.UsePreviousValue) {
			if _, there := set[*p.ParameterKey]; !there {
				c.t.Errorf("%s has no %s to keep", name, *p.ParameterKey)
			}
			continue
		}
		changed = changed || value != was
		set[*p.ParameterKey] = value
	}
	if changed {
		c.state[name] = state
	}
	c.look()
	return changed
}

// look fails when the API refuses what the edge shows, or would refuse everybody because nothing leads to the edge.
func (c *clouds) look() {
	api, front := c.stacks[apiStack], c.stacks[edgeStack]
	c.believed, c.reachedVia = append(c.believed, api["OriginSecretHashes"]), append(c.reachedVia, api["EdgeDomain"])
	if api["OriginSecretHashes"] == "" {
		return
	}
	if !strings.Contains(api["OriginSecretHashes"], edge.Hash(front["OriginSecret"])) || api["EdgeDomain"] != edgeHost {
		c.t.Errorf("after %d calls nobody reaches the service: %v behind %v", c.calls, api, front)
	}
}

// wait is a time in which CloudFormation ends what it does.
func (c *clouds) wait(context.Context) error {
	c.waits++
	for name, state := range c.state {
		c.state[name] = types.StackStatus(strings.Replace(string(state), "_IN_PROGRESS", "_COMPLETE", 1))
	}
	return nil
}

func (c *clouds) edge() deployment.Edge {
	plan := with(map[string]string{"Edge": "yes"})
	front := deployment.Plan{Stage: "production-edge", Stack: edgeStack, Region: deployment.EdgeRegion, Parameters: map[string]string{"CertificateArn": "arn:aws:acm:us-east-1:1:certificate/1"}}
	return deployment.Edge{Plan: plan, Front: front, API: c, Edge: c, Template: "the template", NewSecret: rand.Text, Out: io.Discard, Wait: c.wait}
}

// settled fails unless the API answers the edge and nobody else.
func (c *clouds) settled(t *testing.T, why string) (secret string) {
	t.Helper()
	api, front := c.stacks[apiStack], c.stacks[edgeStack]
	if secret = front["OriginSecret"]; secret == "" || front["OriginSecretHash"] != edge.Hash(secret) {
		t.Errorf("%s: the edge shows %q, known as %q", why, secret, front["OriginSecretHash"])
	}
	if api["OriginSecretHashes"] != edge.Hash(secret) || api["EdgeDomain"] != edgeHost || api["MailRate"] != "10" {
		t.Errorf("%s: the API has %v", why, api)
	}
	if front["OriginDomain"] != apiDomain || front["DomainName"] != "users.school.uk" || front["CertificateArn"] == "" {
		t.Errorf("%s: the edge has %v", why, front)
	}
	return secret
}

func TestAnEdgeIsRaisedOnceAndItsSecretChanged(t *testing.T) {
	t.Parallel()
	c := newClouds(t)
	if err := c.edge().Raise(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := c.settled(t, "raised")
	if c.waits == 0 {
		t.Error("nothing was waited for")
	}
	if err := c.edge().Raise(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.settled(t, "raised again") != first {
		t.Error("a further deployment changes the secret")
	}
	c.believed = nil
	if err := c.edge().Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := c.settled(t, "rotated")
	both := edge.Hash(first) + "," + edge.Hash(second)
	if second == first || !slices.Contains(c.believed, both) {
		t.Errorf("the API believed %v, one after the other", c.believed)
	}
}

// A run may end at any call: the service can be reached all the time, and the next run ends what was begun.
func TestRaisingAndRotatingGoOnAfterAnInterruption(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(deployment.Edge, context.Context) error{"raise": deployment.Edge.Raise, "rotate": deployment.Edge.Rotate} {
		cut := 0
		for at := 1; ; at++ {
			c := newClouds(t)
			if name == "rotate" {
				if err := c.edge().Raise(t.Context()); err != nil {
					t.Fatal(err)
				}
				c.calls = 0
			}
			c.cutAt = at
			err := act(c.edge(), t.Context())
			if err == nil {
				break
			}
			cut++
			if !errors.Is(err, errCut) {
				t.Fatalf("%s, cut at %d: %v", name, at, err)
			}
			c.cutAt = 0
			if err := act(c.edge(), t.Context()); err != nil {
				t.Fatalf("%s again after %d: %v", name, at, err)
			}
			c.settled(t, name)
		}
		if cut < 5 {
			t.Errorf("%s takes %d calls", name, cut)
		}
	}
}

func TestAnEdgeThatFailsSaysSo(t *testing.T) {
	t.Parallel()
	c := newClouds(t)
	if err := c.edge().Rotate(t.Context()); !errors.Is(err, deployment.ErrNoStack) {
		t.Errorf("rotated without an edge: %v", err)
	}
	c.stacks[edgeStack], c.state[edgeStack] = map[string]string{}, types.StackStatusRollbackComplete
	if err := c.edge().Raise(t.Context()); err == nil || !strings.Contains(err.Error(), "ROLLBACK_COMPLETE") {
		t.Errorf("over an edge whose making failed: %v", err)
	}
	c = newClouds(t)
	e := c.edge()
	e.Wait = func(context.Context) error {
		c.state[edgeStack] = types.StackStatusRollbackComplete
		return nil
	}
	if err := e.Raise(t.Context()); err == nil || c.stacks[apiStack]["OriginSecretHashes"] != "" {
		t.Errorf("the making fails: %v, and the API has %v", err, c.stacks[apiStack])
	}
}
