package cognito

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// CreationAPI is what CreatePool calls of *cognitoidentityprovider.Client.
type CreationAPI interface {
	CreateUserPool(context.Context, *idp.CreateUserPoolInput, ...option) (*idp.CreateUserPoolOutput, error)
	CreateUserPoolClient(context.Context, *idp.CreateUserPoolClientInput, ...option) (*idp.CreateUserPoolClientOutput, error)
}

// The least that Cognito allows, in characters and minutes: rules are the domain's, and tokens are dropped at once.
const (
	poolMinimumLength   = 6
	accessTokenMinutes  = 5
	refreshTokenMinutes = 60
	challengeMinutes    = 3
)

// CreatePool creates a pool and an app client as Pool needs them, for local use and tests; in AWS the deployment
// template creates them with the same settings. A pool whose client could not be created is left behind.
func CreatePool(ctx context.Context, client CreationAPI) (poolID, clientID string, err error) {
	pool, err := client.CreateUserPool(ctx, poolSettings(), func(o *idp.Options) {
		o.APIOptions = append(o.APIOptions, requireNoClasses)
	})
	if err != nil {
		return "", "", fmt.Errorf("cognito: create a user pool: %w", err)
	}
	poolID = aws.ToString(pool.UserPool.Id)
	made, err := client.CreateUserPoolClient(ctx, clientSettings(poolID))
	if err != nil {
		return "", "", fmt.Errorf("cognito: create an app client of pool %s: %w", poolID, err)
	}
	return poolID, aws.ToString(made.UserPoolClient.ClientId), nil
}

func poolSettings() *idp.CreateUserPoolInput {
	return &idp.CreateUserPoolInput{
		PoolName:              aws.String("caretaker"),
		MfaConfiguration:      types.UserPoolMfaTypeOff,
		UsernameConfiguration: &types.UsernameConfigurationType{CaseSensitive: aws.Bool(false)},
		AdminCreateUserConfig: &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true},
		AccountRecoverySetting: &types.AccountRecoverySettingType{RecoveryMechanisms: []types.RecoveryOptionType{
			{Name: types.RecoveryOptionNameTypeAdminOnly, Priority: aws.Int32(1)},
		}},
		Policies: &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{
			MinimumLength: aws.Int32(poolMinimumLength),
		}},
	}
}

// requireNoClasses says in the request that a password needs no upper-case letter and so on. The SDK leaves out what is
// false, and servers differ in what they make of that: Amazon's takes it as false, an emulator may take it as true.
func requireNoClasses(stack *middleware.Stack) error {
	const policy = `"PasswordPolicy":{`
	const classes = `"RequireLowercase":false,"RequireNumbers":false,"RequireSymbols":false,"RequireUppercase":false,`
	return stack.Serialize.Add(middleware.SerializeMiddlewareFunc("RequireNoClasses", func(
		ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler,
	) (middleware.SerializeOutput, middleware.Metadata, error) {
		request, ok := in.Request.(*smithyhttp.Request)
		if !ok {
			return middleware.SerializeOutput{}, middleware.Metadata{}, fmt.Errorf("unexpected request %T", in.Request)
		}
		body, err := io.ReadAll(request.GetStream())
		if err != nil {
			return middleware.SerializeOutput{}, middleware.Metadata{}, err
		}
		in.Request, err = request.SetStream(bytes.NewReader(bytes.Replace(body, []byte(policy), []byte(policy+classes), 1)))
		if err != nil {
			return middleware.SerializeOutput{}, middleware.Metadata{}, err
		}
		return next.HandleSerialize(ctx, in)
	}), middleware.After) // the SDK's own serializer has written the body by then
}

func clientSettings(poolID string) *idp.CreateUserPoolClientInput {
	return &idp.CreateUserPoolClientInput{
		UserPoolId:                 &poolID,
		ClientName:                 aws.String("caretaker"),
		ExplicitAuthFlows:          []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth},
		GenerateSecret:             false,
		PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled,
		EnableTokenRevocation:      aws.Bool(true),
		AuthSessionValidity:        aws.Int32(challengeMinutes),
		AccessTokenValidity:        aws.Int32(accessTokenMinutes),
		IdTokenValidity:            aws.Int32(accessTokenMinutes),
		RefreshTokenValidity:       refreshTokenMinutes,
		TokenValidityUnits: &types.TokenValidityUnitsType{
			AccessToken:  types.TimeUnitsTypeMinutes,
			IdToken:      types.TimeUnitsTypeMinutes,
			RefreshToken: types.TimeUnitsTypeMinutes,
		},
	}
}
