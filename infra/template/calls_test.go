package template_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
)

// calls notes what each function asks of AWS.
type calls struct {
	mu sync.Mutex
	by map[string]map[string]bool
	// meanwhile, if set, happens once: while the function passwords sets a password.
	meanwhile func()
}

func (c *calls) of(folder string) map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := map[string]bool{} // nothing is something to compare with, too
	maps.Copy(done, c.by[folder])
	return done
}

// note makes a client note its calls. Those without a function are the test's own.
func (c *calls) note(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("NoteCalls", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		if folder, ok := ctx.Value(functionKey{}).(string); ok {
			c.add(folder, needs(in.Parameters))
			c.interfere(folder, in.Parameters)
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}

func (c *calls) add(folder string, needed []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by[folder] == nil {
		c.by[folder] = map[string]bool{}
	}
	for _, n := range needed {
		c.by[folder][n] = true
	}
}

func (c *calls) interfere(folder string, request any) {
	_, sets := request.(*cognitoidentityprovider.AdminSetUserPasswordInput)
	if happen := c.meanwhile; sets && folder == "passwords" && happen != nil {
		c.meanwhile = nil
		happen()
	}
}

// needs lists the actions, and the resource of each, that IAM wants to see allowed for a request.
func needs(request any) []string {
	switch in := request.(type) {
	case *dynamodb.QueryInput:
		if in.IndexName != nil {
			return []string{"dynamodb:Query table/" + *in.IndexName}
		}
	case *dynamodb.TransactWriteItemsInput: // a transaction needs what its parts need
		var needed []string
		for _, item := range in.TransactItems {
			for action, there := range map[string]bool{
				"PutItem": item.Put != nil, "UpdateItem": item.Update != nil, "DeleteItem": item.Delete != nil,
				"ConditionCheckItem": item.ConditionCheck != nil,
			} {
				if there {
					needed = append(needed, "dynamodb:"+action+" table")
				}
			}
		}
		return needed
	}
	typ := reflect.TypeOf(request).Elem()
	service := map[string][2]string{
		"dynamodb": {"dynamodb", "table"}, "cognitoidentityprovider": {"cognito-idp", "pool"}, "sesv2": {"ses", "mail"},
		"kms": {"kms", "key"},
	}[typ.PkgPath()[strings.LastIndex(typ.PkgPath(), "/")+1:]]
	return []string{fmt.Sprintf("%s:%s %s", service[0], strings.TrimSuffix(typ.Name(), "Input"), service[1])}
}
