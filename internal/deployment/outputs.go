package deployment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// Outputs is what a stack says of itself; the names are those of the template.
type Outputs struct{ BaseURL, APIEndpoint, Table, PoolID, ClientID, SealingKey string }

// Stacks is what is called of *cloudformation.Client.
type Stacks = cloudformation.DescribeStacksAPIClient

// ErrNoStack says that the stack was not deployed to this account and region.
var ErrNoStack = errors.New("there is no such stack in this account and region")

// Find reads the outputs of a deployed stack. It fails with ErrNoStack, and when an output is missing.
func Find(ctx context.Context, client Stacks, stack string) (Outputs, error) {
	s, err := describe(ctx, client, stack)
	if err != nil {
		return Outputs{}, err
	}
	values := outputsOf(s)
	var found Outputs
	var missing []string
	for name, field := range map[string]*string{
		"BaseUrl": &found.BaseURL, "ApiEndpoint": &found.APIEndpoint, "TableName": &found.Table, "UserPoolId": &found.PoolID,
		"UserPoolClientId": &found.ClientID, "SealingKeyArn": &found.SealingKey,
	} {
		if *field = values[name]; *field == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return Outputs{}, fmt.Errorf("the stack %s (%s) lacks the outputs %s: is it Caretaker's, and was it deployed to the end?",
			stack, s.StackStatus, strings.Join(missing, ", "))
	}
	return found, nil
}

func describe(ctx context.Context, client Stacks, stack string) (types.Stack, error) {
	out, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	var refused smithy.APIError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode() == "ValidationError" && strings.Contains(refused.ErrorMessage(), "does not exist"):
		return types.Stack{}, fmt.Errorf("the stack %s: %w", stack, ErrNoStack)
	case err != nil:
		return types.Stack{}, fmt.Errorf("describe the stack %s: %w", stack, err)
	case len(out.Stacks) == 0:
		return types.Stack{}, fmt.Errorf("the stack %s: %w", stack, ErrNoStack)
	}
	return out.Stacks[0], nil
}
