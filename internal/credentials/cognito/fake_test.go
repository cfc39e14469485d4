package cognito_test

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/caretaker/caretaker/internal/credentials/cognito"
)

const (
	poolID   = "eu-west-2_example"
	clientID = "exampleclient"
)

// documented is a user pool that answers as Amazon's API reference says, at its strictest where that leaves room. It
// stands beside the emulator, which looks away where Amazon does not: it takes any character in a password, does tell
// unknown users from wrong passwords, and never throttles.
type documented struct {
	mu    sync.Mutex
	users map[string]*user
	calls []string
	// before, if set, is called ahead of every call; an error is the call's answer.
	before func(operation string) error
}

type user struct {
	password  string
	temporary bool
	disabled  bool
}

type option = func(*idp.Options)

// A password is 6 to 256 characters without spaces. Letters beyond ASCII are refused here because the reference does
// not promise that they count.
var password = regexp.MustCompile(`^[\x21-\x7e]{6,256}$`)

func newDocumented() *documented { return &documented{users: map[string]*user{}} }

// pool is an adapter of the fake.
func (d *documented) pool() *cognito.Pool {
	return cognito.New(d, cognito.Config{PoolID: poolID, ClientID: clientID})
}

// enter locks and says whether the call goes on. The pool ignores the letter case of user names.
func (d *documented) enter(
	ctx context.Context, operation string, pool, name *string,
) (found *user, unlock func(), err error) {
	d.mu.Lock()
	d.calls = append(d.calls, operation)
	before := d.before
	d.mu.Unlock()
	if before != nil {
		if err := before(operation); err != nil {
			return nil, func() {}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, func() {}, err
	}
	if aws.ToString(pool) != poolID {
		return nil, func() {}, &types.ResourceNotFoundException{Message: aws.String("User pool does not exist.")}
	}
	d.mu.Lock()
	return d.users[strings.ToLower(*name)], d.mu.Unlock, nil
}

var errNoUser = &types.UserNotFoundException{Message: aws.String("User does not exist.")}

func refused(message string) error {
	return &types.NotAuthorizedException{Message: aws.String(message)}
}

func (d *documented) AdminCreateUser(
	ctx context.Context, in *idp.AdminCreateUserInput, _ ...option,
) (*idp.AdminCreateUserOutput, error) {
	u, unlock, err := d.enter(ctx, "create", in.UserPoolId, in.Username)
	defer unlock()
	if err != nil {
		return nil, err
	}
	if in.MessageAction != types.MessageActionTypeSuppress {
		return nil, &types.CodeDeliveryFailureException{Message: aws.String("would write to the user")}
	}
	if u != nil {
		return nil, &types.UsernameExistsException{Message: aws.String("User account already exists")}
	}
	d.users[strings.ToLower(*in.Username)] = &user{password: "Generated-1", temporary: true}
	return &idp.AdminCreateUserOutput{}, nil
}

func (d *documented) AdminSetUserPassword(
	ctx context.Context, in *idp.AdminSetUserPasswordInput, _ ...option,
) (*idp.AdminSetUserPasswordOutput, error) {
	u, unlock, err := d.enter(ctx, "set", in.UserPoolId, in.Username)
	defer unlock()
	if err != nil {
		return nil, err
	}
	if !password.MatchString(*in.Password) {
		return nil, &types.InvalidParameterException{Message: aws.String("Value at 'password' failed to satisfy constraint")}
	}
	if u == nil {
		return nil, errNoUser
	}
	u.password, u.temporary = *in.Password, !in.Permanent
	return &idp.AdminSetUserPasswordOutput{}, nil
}

func (d *documented) AdminInitiateAuth(
	ctx context.Context, in *idp.AdminInitiateAuthInput, _ ...option,
) (*idp.AdminInitiateAuthOutput, error) {
	u, unlock, err := d.enter(ctx, "auth", in.UserPoolId, aws.String(in.AuthParameters["USERNAME"]))
	defer unlock()
	switch {
	case err != nil:
		return nil, err
	case aws.ToString(in.ClientId) != clientID || in.AuthFlow != types.AuthFlowTypeAdminUserPasswordAuth:
		return nil, &types.InvalidParameterException{Message: aws.String("Auth flow not enabled for this client")}
	case u == nil || u.password != in.AuthParameters["PASSWORD"]:
		return nil, refused("Incorrect username or password.") // the same for both: PreventUserExistenceErrors
	case u.disabled:
		return nil, refused("User is disabled.")
	case u.temporary:
		return &idp.AdminInitiateAuthOutput{ChallengeName: types.ChallengeNameTypeNewPasswordRequired}, nil
	}
	tokens := &types.AuthenticationResultType{AccessToken: aws.String("token")}
	return &idp.AdminInitiateAuthOutput{AuthenticationResult: tokens}, nil
}

func (d *documented) AdminDisableUser(
	ctx context.Context, in *idp.AdminDisableUserInput, _ ...option,
) (*idp.AdminDisableUserOutput, error) {
	u, unlock, err := d.enter(ctx, "disable", in.UserPoolId, in.Username)
	defer unlock()
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, errNoUser
	}
	u.disabled = true
	return &idp.AdminDisableUserOutput{}, nil
}

func (d *documented) AdminEnableUser(
	ctx context.Context, in *idp.AdminEnableUserInput, _ ...option,
) (*idp.AdminEnableUserOutput, error) {
	u, unlock, err := d.enter(ctx, "enable", in.UserPoolId, in.Username)
	defer unlock()
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, errNoUser
	}
	u.disabled = false
	return &idp.AdminEnableUserOutput{}, nil
}

func (d *documented) AdminUserGlobalSignOut(
	ctx context.Context, in *idp.AdminUserGlobalSignOutInput, _ ...option,
) (*idp.AdminUserGlobalSignOutOutput, error) {
	u, unlock, err := d.enter(ctx, "signout", in.UserPoolId, in.Username)
	defer unlock()
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, errNoUser
	}
	if u.disabled { // the reference lists this error without saying when
		return nil, refused("User is disabled.")
	}
	return &idp.AdminUserGlobalSignOutOutput{}, nil
}

func (d *documented) AdminDeleteUser(
	ctx context.Context, in *idp.AdminDeleteUserInput, _ ...option,
) (*idp.AdminDeleteUserOutput, error) {
	u, unlock, err := d.enter(ctx, "delete", in.UserPoolId, in.Username)
	defer unlock()
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, errNoUser
	}
	delete(d.users, strings.ToLower(*in.Username))
	return &idp.AdminDeleteUserOutput{}, nil
}

// called returns the operations since the last time it was asked.
func (d *documented) called() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	calls := strings.Join(d.calls, " ")
	d.calls = nil
	return calls
}

// fail makes one operation answer an error from now on.
func (d *documented) fail(operation string, err error) {
	d.before = func(op string) error {
		if op == operation {
			return err
		}
		return nil
	}
}

func mustSet(t *testing.T, p *cognito.Pool, password string) {
	t.Helper()
	if err := p.SetPassword(t.Context(), "ann", password); err != nil {
		t.Fatal(err)
	}
}
