package cognito_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
)

func TestPoolAndClientAreMadeAsTheAdapterNeedsThem(t *testing.T) {
	t.Parallel()
	client := idp.NewFromConfig(emulatortest.AWS(t, emulatortest.Moto(t)))
	pool, app, err := cognito.CreatePool(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	p, err := client.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &pool})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: &app})
	if err != nil {
		t.Fatal(err)
	}
	type settings struct {
		CaseSensitive, SelfSignUp, Secret bool
		MFA                               types.UserPoolMfaType
		Policy                            types.PasswordPolicyType
		Flows                             []types.ExplicitAuthFlowsType
		UnknownUsers                      types.PreventUserExistenceErrorTypes
		Access, ID, Refresh, Challenge    int32
		Units                             types.TokenValidityUnitsType
	}
	got := settings{
		CaseSensitive: aws.ToBool(p.UserPool.UsernameConfiguration.CaseSensitive),
		SelfSignUp:    !p.UserPool.AdminCreateUserConfig.AllowAdminCreateUserOnly,
		Secret:        c.UserPoolClient.ClientSecret != nil,
		MFA:           p.UserPool.MfaConfiguration,
		Policy:        *p.UserPool.Policies.PasswordPolicy,
		Flows:         c.UserPoolClient.ExplicitAuthFlows,
		UnknownUsers:  c.UserPoolClient.PreventUserExistenceErrors,
		Access:        aws.ToInt32(c.UserPoolClient.AccessTokenValidity),
		ID:            aws.ToInt32(c.UserPoolClient.IdTokenValidity),
		Refresh:       c.UserPoolClient.RefreshTokenValidity,
		Challenge:     aws.ToInt32(c.UserPoolClient.AuthSessionValidity),
		Units:         *c.UserPoolClient.TokenValidityUnits,
	}
	want := settings{
		MFA:          types.UserPoolMfaTypeOff,
		Policy:       types.PasswordPolicyType{MinimumLength: aws.Int32(6)}, // the least a pool can be set to; no classes
		Flows:        []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth},
		UnknownUsers: types.PreventUserExistenceErrorTypesEnabled,
		Access:       5, ID: 5, Refresh: 60, Challenge: 3, // minutes, the least of each
		Units: types.TokenValidityUnitsType{
			AccessToken: types.TimeUnitsTypeMinutes, IdToken: types.TimeUnitsTypeMinutes, RefreshToken: types.TimeUnitsTypeMinutes,
		},
	}
	ignored := cmpopts.IgnoreUnexported(types.PasswordPolicyType{}, types.TokenValidityUnitsType{})
	if diff := cmp.Diff(want, got, ignored); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestFailureToCreateKeepsTheCause(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	for _, api := range []failing{{pool: down}, {client: down}} {
		pool, app, err := cognito.CreatePool(t.Context(), api)
		if !errors.Is(err, down) || pool != "" || app != "" {
			t.Errorf("%+v: got %q, %q, %v", api, pool, app, err)
		}
	}
}

type failing struct{ pool, client error }

func (f failing) CreateUserPool(
	context.Context, *idp.CreateUserPoolInput, ...option,
) (*idp.CreateUserPoolOutput, error) {
	return &idp.CreateUserPoolOutput{UserPool: &types.UserPoolType{Id: aws.String(poolID)}}, f.pool
}

func (f failing) CreateUserPoolClient(
	context.Context, *idp.CreateUserPoolClientInput, ...option,
) (*idp.CreateUserPoolClientOutput, error) {
	return nil, f.client
}
