package cognito

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/caretaker/caretaker/internal/directory"
)

// Users lists who is in a pool, 60 a call: for an engineer's verification, for it takes as long as the pool is large.
func Users(ctx context.Context, client idp.ListUsersAPIClient, poolID string) (map[directory.UserID]bool, error) {
	found := map[directory.UserID]bool{}
	pages := idp.NewListUsersPaginator(client, &idp.ListUsersInput{UserPoolId: &poolID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the users of the pool %s: %w", poolID, err)
		}
		for _, u := range page.Users {
			found[directory.UserID(aws.ToString(u.Username))] = true
		}
	}
	return found, nil
}
