// Package cognito owns passwords that are kept in an Amazon Cognito user pool: which calls set, check, bar and delete
// one, what their answers mean, and how bulk work stays within the account's request quotas. It uses the pool for
// passwords alone: attributes, groups, tokens, mails and second factors are the domain's or unused.
//
// A user's name in the pool is the domain's user id. The tokens that a successful sign-in returns are dropped; this
// package neither keeps nor logs them. (The client given to New must not log response bodies.)
package cognito

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/caretaker/caretaker/internal/credentials"
	"github.com/caretaker/caretaker/internal/directory"
)

// API is what Pool calls of *cognitoidentityprovider.Client.
type API interface {
	AdminCreateUser(context.Context, *idp.AdminCreateUserInput, ...option) (*idp.AdminCreateUserOutput, error)
	AdminDeleteUser(context.Context, *idp.AdminDeleteUserInput, ...option) (*idp.AdminDeleteUserOutput, error)
	AdminDisableUser(context.Context, *idp.AdminDisableUserInput, ...option) (*idp.AdminDisableUserOutput, error)
	AdminEnableUser(context.Context, *idp.AdminEnableUserInput, ...option) (*idp.AdminEnableUserOutput, error)
	AdminInitiateAuth(context.Context, *idp.AdminInitiateAuthInput, ...option) (*idp.AdminInitiateAuthOutput, error)
	AdminSetUserPassword(context.Context, *idp.AdminSetUserPasswordInput, ...option) (*idp.AdminSetUserPasswordOutput, error)
	AdminUserGlobalSignOut(context.Context, *idp.AdminUserGlobalSignOutInput, ...option) (*idp.AdminUserGlobalSignOutOutput, error)
}

type option = func(*idp.Options)

var (
	_ API                   = (*idp.Client)(nil)
	_ directory.Credentials = (*Pool)(nil)
)

// Config names the pool and the app client, made as CreatePool makes them: no secret, the flow
// ADMIN_USER_PASSWORD_AUTH, no attribute required, no second factor, and a password policy of 6 characters of any
// class. None of it is checked at the start, which would cost every cold start a call out of a small quota.
type Config struct {
	PoolID   string
	ClientID string
	// Bulk bounds what Bulk sends; a rate of 0 stands for the one in DefaultBulkRates.
	Bulk Rates
}

// Pool implements directory.Credentials. It may be used from many goroutines at once.
type Pool struct {
	api      API
	poolID   *string
	clientID *string
	limits   *limits // shared by a pool and what its Bulk returns
	bulk     bool
}

// New calls nothing.
func New(client API, c Config) *Pool {
	return &Pool{api: client, poolID: &c.PoolID, clientID: &c.ClientID, limits: newLimits(c.Bulk)}
}

// SetPassword implements the port. A user new to the pool is created, without a mail to anyone. That takes three calls,
// and when the second is the last one to succeed there is a user whose password nobody knows, which is as good as none.
//
// It fails with kind Invalid and code invalid_password if the password is out of the port's bounds, and code
// password_refused if the pool refuses it: the pool's policy is stricter than the domain's, or it remembers former
// passwords. That is a fault of the configuration, which no rule the domain shows to the user could have told.
func (p *Pool) SetPassword(ctx context.Context, id directory.UserID, password string) error {
	if err := credentials.CheckUserID(id); err != nil {
		return err
	}
	normal, err := credentials.Normal(password)
	if err != nil {
		return err
	}
	kept := fold(normal)
	err = p.setPassword(ctx, id, kept)
	if is[*types.UserNotFoundException](err) {
		err = p.create(ctx, id)
		if err == nil || is[*types.UsernameExistsException](err) { // whoever created it in between is as good
			err = p.setPassword(ctx, id, kept)
		}
	}
	return failure(ctx, "set a password", err)
}

// VerifyPassword implements the port. That the time taken does not tell an unknown user from a known one is Cognito's
// doing, and asks for an app client with PreventUserExistenceErrors.
//
// Cognito bars a user for one second after five wrong passwords in a row and twice as long after each further one, up
// to about 15 minutes, whatever the domain's own lockout says. While barred, a password is not looked at, so the
// answer is neither right nor wrong but kind Unavailable: a user who has the right one at last is not told otherwise,
// and the domain does not count what was not an attempt. Where an organisation's own lockout allows no more than five
// attempts, which it should, the domain bars first and this is never seen.
func (p *Pool) VerifyPassword(ctx context.Context, id directory.UserID, password string) error {
	if err := credentials.CheckUserID(id); err != nil {
		return err
	}
	normal, err := credentials.Normal(password)
	if err != nil {
		return directory.ErrWrongPassword // nobody can have this password
	}
	signedIn, err := p.signIn(ctx, id, fold(normal))
	if err == nil && signedIn {
		return nil
	}
	if err == nil || meansWrong(err) {
		return directory.ErrWrongPassword
	}
	return failure(ctx, "verify a password", err)
}

// SetDisabled implements the port.
func (p *Pool) SetDisabled(ctx context.Context, id directory.UserID, disabled bool) error {
	if err := credentials.CheckUserID(id); err != nil {
		return err
	}
	change := p.enable
	if disabled {
		change = p.disable
	}
	err := change(ctx, id)
	if is[*types.UserNotFoundException](err) {
		return nil
	}
	return failure(ctx, "disable or enable a user", err)
}

// DeletePassword implements the port. The user leaves the pool altogether.
func (p *Pool) DeletePassword(ctx context.Context, id directory.UserID) error {
	if err := credentials.CheckUserID(id); err != nil {
		return err
	}
	err := p.delete(ctx, id)
	if is[*types.UserNotFoundException](err) {
		return nil
	}
	return failure(ctx, "delete a user", err)
}

func (p *Pool) setPassword(ctx context.Context, id directory.UserID, kept string) error {
	if err := p.wait(ctx, p.limits.accountRecovery); err != nil {
		return err
	}
	_, err := p.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{
		UserPoolId: p.poolID, Username: name(id), Password: &kept, Permanent: true,
	})
	return err
}

func (p *Pool) create(ctx context.Context, id directory.UserID) error {
	if err := p.wait(ctx, p.limits.userCreation); err != nil {
		return err
	}
	_, err := p.api.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
		UserPoolId: p.poolID, Username: name(id), MessageAction: types.MessageActionTypeSuppress,
	})
	return err
}

// signIn is true only for a sign-in that is complete. A challenge means that the pool asks for more than the password
// (a temporary one, a second factor that someone set up beside us), and such a user was not made by SetPassword.
func (p *Pool) signIn(ctx context.Context, id directory.UserID, kept string) (bool, error) {
	if err := p.wait(ctx, p.limits.userAuthentication); err != nil {
		return false, err
	}
	out, err := p.api.AdminInitiateAuth(ctx, &idp.AdminInitiateAuthInput{
		UserPoolId: p.poolID, ClientId: p.clientID, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": string(id), "PASSWORD": kept},
	})
	if err != nil {
		return false, err
	}
	return out.ChallengeName == "" && out.AuthenticationResult != nil, nil
}

func (p *Pool) enable(ctx context.Context, id directory.UserID) error {
	if err := p.wait(ctx, p.limits.userUpdate); err != nil {
		return err
	}
	_, err := p.api.AdminEnableUser(ctx, &idp.AdminEnableUserInput{UserPoolId: p.poolID, Username: name(id)})
	return err
}

// disable also ends what was signed in. Nobody should hold a token, as ours are dropped; this is for those that were
// got past us.
func (p *Pool) disable(ctx context.Context, id directory.UserID) error {
	if err := p.wait(ctx, p.limits.userUpdate); err != nil {
		return err
	}
	_, err := p.api.AdminDisableUser(ctx, &idp.AdminDisableUserInput{UserPoolId: p.poolID, Username: name(id)})
	if err != nil {
		return err
	}
	if err := p.wait(ctx, p.limits.userUpdate); err != nil {
		return err
	}
	_, err = p.api.AdminUserGlobalSignOut(ctx, &idp.AdminUserGlobalSignOutInput{UserPoolId: p.poolID, Username: name(id)})
	if is[*types.NotAuthorizedException](err) {
		return nil // "User is disabled": then AdminDisableUser has revoked the tokens, as it is documented to
	}
	return err
}

func (p *Pool) delete(ctx context.Context, id directory.UserID) error {
	if err := p.wait(ctx, p.limits.userUpdate); err != nil {
		return err
	}
	_, err := p.api.AdminDeleteUser(ctx, &idp.AdminDeleteUserInput{UserPoolId: p.poolID, Username: name(id)})
	return err
}

func name(id directory.UserID) *string { return aws.String(string(id)) }
