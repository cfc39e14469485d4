package redrive

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Deployed finds the dead-letter queues of a stack and the functions that they belong to.
func Deployed(ctx context.Context, account aws.Config, stack string) ([]Source, error) {
	names, err := resources(ctx, cloudformation.NewFromConfig(account), stack)
	if err != nil {
		return nil, err
	}
	return sources(names, sqs.NewFromConfig(account), lambda.NewFromConfig(account, onlyOnce))
}

// resources are those of a stack: what each name in the template is called in the account.
func resources(ctx context.Context, client cloudformation.ListStackResourcesAPIClient, stack string) (map[string]string, error) {
	names := map[string]string{}
	pages := cloudformation.NewListStackResourcesPaginator(client, &cloudformation.ListStackResourcesInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the resources of the stack %s: %w", stack, err)
		}
		for _, r := range page.StackResourceSummaries {
			names[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
		}
	}
	return names, nil
}

// sources pairs queues with functions.
func sources(names map[string]string, queues SQS, functions Lambda) ([]Source, error) {
	var found []Source
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !strings.HasSuffix(name, "DeadLetters") {
			continue
		}
		function := names[FunctionOf(name)]
		if function == "" {
			return nil, fmt.Errorf("%s belongs to %s, which the stack does not have", name, FunctionOf(name))
		}
		found = append(found, Source{Name: name, Queue: &queue{queues, names[name]}, Function: &invoker{functions, function}})
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the stack has no dead-letter queue")
	}
	return found, nil
}

// onlyOnce keeps the SDK from invoking a function a second time when the connection breaks: it may be at work still.
func onlyOnce(o *lambda.Options) { o.RetryMaxAttempts = 1 }
