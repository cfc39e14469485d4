package cognito_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/credentials/cognito"
	"github.com/caretaker/caretaker/internal/credentials/credentialstest"
	"github.com/caretaker/caretaker/internal/directory"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

func TestConformanceAsDocumented(t *testing.T) {
	t.Parallel()
	credentialstest.Run(t, func(*testing.T) directory.Credentials { return newDocumented().pool() })
}

func TestConformanceOnTheEmulator(t *testing.T) {
	t.Parallel()
	client := idp.NewFromConfig(emulatortest.AWS(t, emulatortest.Moto(t)))
	credentialstest.Run(t, func(t *testing.T) directory.Credentials {
		pool, app, err := cognito.CreatePool(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		return cognito.New(client, cognito.Config{PoolID: pool, ClientID: app})
	})
}

func TestCallsPerOperation(t *testing.T) {
	t.Parallel()
	d := newDocumented()
	p, ctx := d.pool(), t.Context()
	for _, c := range []struct {
		name string
		do   func() error
		want string
	}{
		{"first password of a user", func() error { return p.SetPassword(ctx, "ann", "First-password-1") }, "set create set"},
		{"another password", func() error { return p.SetPassword(ctx, "ann", "Second-password-2") }, "set"},
		{"verification", func() error { return p.VerifyPassword(ctx, "ann", "Second-password-2") }, "auth"},
		{"disabling signs out", func() error { return p.SetDisabled(ctx, "ann", true) }, "disable signout"},
		{"enabling", func() error { return p.SetDisabled(ctx, "ann", false) }, "enable"},
		{"deletion", func() error { return p.DeletePassword(ctx, "ann") }, "delete"},
		{"disabling nobody", func() error { return p.SetDisabled(ctx, "ann", true) }, "disable"},
	} {
		if err := c.do(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := d.called(); got != c.want {
			t.Errorf("%s: called %q, want %q", c.name, got, c.want)
		}
	}
	if err := p.SetPassword(ctx, "ann", ""); err == nil || d.called() != "" {
		t.Errorf("an impossible password was sent to the pool, or taken (%v)", err)
	}
}

func TestUserCreatedByAParallelCallerGetsThePassword(t *testing.T) {
	t.Parallel()
	d := newDocumented()
	d.before = func(operation string) error {
		if operation == "create" { // the other caller is a moment ahead
			d.before = nil
			return d.pool().SetPassword(t.Context(), "ann", "The-others-1")
		}
		return nil
	}
	p := d.pool()
	mustSet(t, p, "Ours-is-last-2")
	if got := d.called(); got != "set create set create set set" {
		t.Errorf("called %q", got)
	}
	if err := p.VerifyPassword(t.Context(), "ann", "Ours-is-last-2"); err != nil {
		t.Error(err)
	}
}

func TestUserDeletedWhileBeingSetIsWorthAnotherTry(t *testing.T) {
	t.Parallel()
	d := newDocumented()
	d.fail("set", errNoUser)
	err := d.pool().SetPassword(t.Context(), "ann", "Correct-horse-7")
	if directory.KindOf(err) != directory.Unavailable || d.called() != "set create set" {
		t.Errorf("got %v, want kind unavailable after one creation", err)
	}
}

func TestUserWithoutAPermanentPasswordHasNone(t *testing.T) {
	t.Parallel()
	d := newDocumented()
	p := d.pool()
	mustSet(t, p, "Correct-horse-7")
	d.users["ann"].temporary = true // made by hand in the console, or left behind between two calls
	if err := p.VerifyPassword(t.Context(), "ann", "Correct-horse-7"); !errors.Is(err, directory.ErrWrongPassword) {
		t.Errorf("got %v, want ErrWrongPassword", err)
	}
}

// apiError is an error without a type of its own in the SDK's package, such as IAM's.
func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }

func TestAnswersToVerification(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer error
		want   directory.Kind
	}{
		{"wrong password", refused("Incorrect username or password."), directory.NotSignedIn},
		{"disabled", refused("User is disabled."), directory.NotSignedIn},
		{"an expired temporary password", refused("Temporary password has expired and must be reset by an administrator."), directory.NotSignedIn},
		{"a pool that tells unknown users", errNoUser, directory.NotSignedIn},
		{"not confirmed: signed itself up beside us", &types.UserNotConfirmedException{}, directory.NotSignedIn},
		{"reset asked for in the console", &types.PasswordResetRequiredException{}, directory.NotSignedIn},
		{"Cognito's own bar: the password was not looked at", refused("Password attempts exceeded"), directory.Busy},
		{"the same with an error of its own", &types.TooManyFailedAttemptsException{}, directory.Busy},
		{"quota", &types.TooManyRequestsException{Message: aws.String("Rate exceeded")}, directory.Busy},
		{"a fault at Cognito", &types.InternalErrorException{}, directory.Unavailable},
		{"an app client with a secret, else every password would be wrong", refused("Unable to verify secret hash for client x"), directory.Internal},
		{"the same in newer words", refused("Client x is configured with secret but SECRET_HASH was not received"), directory.Internal},
		{"the flow is not enabled", &types.InvalidParameterException{}, directory.Internal},
		{"no such pool", &types.ResourceNotFoundException{}, directory.Internal},
		{"a role without the permission", apiError("AccessDeniedException"), directory.Internal},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDocumented()
			mustSet(t, d.pool(), "Correct-horse-7")
			d.fail("auth", c.answer)
			err := d.pool().VerifyPassword(t.Context(), "ann", "Correct-horse-7")
			if directory.KindOf(err) != c.want {
				t.Errorf("got %v, want kind %s", err, c.want)
			}
			if errors.Is(err, directory.ErrWrongPassword) != (c.want == directory.NotSignedIn) {
				t.Errorf("got %v", err)
			}
			if c.want != directory.NotSignedIn && !errors.Is(err, c.answer) {
				t.Errorf("the cause is lost from %v", err)
			}
		})
	}
}

func TestFailuresOfEveryCall(t *testing.T) {
	t.Parallel()
	refusedConnection := &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
	noSuchHost := &smithyhttp.RequestSendError{Err: &net.DNSError{IsNotFound: true}}
	answers := []struct {
		name   string
		answer error
		want   directory.Kind
	}{
		{"quota", &types.TooManyRequestsException{}, directory.Busy},
		{"limit", &types.LimitExceededException{}, directory.Busy},
		{"general throttle", apiError("ThrottlingException"), directory.Busy},
		{"fault at Cognito", &types.InternalErrorException{}, directory.Unavailable},
		{"refused connection", refusedConnection, directory.Unavailable},
		{"name not resolved", noSuchHost, directory.Unavailable},
		{"timeout of one request", fmt.Errorf("send: %w", os.ErrDeadlineExceeded), directory.Unavailable},
		{"missing permission", apiError("AccessDeniedException"), directory.Internal},
		{"unforeseen", errors.New("unforeseen"), directory.Internal},
	}
	for operation, do := range map[string]func(context.Context, *cognito.Pool) error{
		"set":    func(ctx context.Context, p *cognito.Pool) error { return p.SetPassword(ctx, "ann", "Correct-horse-7") },
		"create": func(ctx context.Context, p *cognito.Pool) error { return p.SetPassword(ctx, "new", "Correct-horse-7") },
		"auth": func(ctx context.Context, p *cognito.Pool) error {
			return p.VerifyPassword(ctx, "ann", "Correct-horse-7")
		},
		"disable": func(ctx context.Context, p *cognito.Pool) error { return p.SetDisabled(ctx, "ann", true) },
		"signout": func(ctx context.Context, p *cognito.Pool) error { return p.SetDisabled(ctx, "ann", true) },
		"enable":  func(ctx context.Context, p *cognito.Pool) error { return p.SetDisabled(ctx, "ann", false) },
		"delete":  func(ctx context.Context, p *cognito.Pool) error { return p.DeletePassword(ctx, "ann") },
	} {
		for _, c := range answers {
			t.Run(operation+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				d := newDocumented()
				mustSet(t, d.pool(), "Correct-horse-7")
				d.fail(operation, c.answer)
				err := do(t.Context(), d.pool())
				if directory.KindOf(err) != c.want || !errors.Is(err, c.answer) {
					t.Fatalf("got %v, want kind %s because of %v", err, c.want, c.answer)
				}
				if strings.Contains(err.Error(), "Correct-horse-7") {
					t.Errorf("the password is in the error: %v", err)
				}
				e, _ := errors.AsType[*directory.Error](err)
				if c.want != directory.Internal && c.want != directory.Invalid && (e.RetryAfter <= 0 || e.RetryAfter > time.Minute) {
					t.Errorf("try again after %s", e.RetryAfter)
				}
			})
		}
	}
}

func TestPasswordThatThePoolRefusesIsReportedAsItsFault(t *testing.T) {
	t.Parallel()
	for _, answer := range []error{
		&types.InvalidPasswordException{Message: aws.String("Password did not conform with policy: Password not long enough")},
		&types.PasswordHistoryPolicyViolationException{},
	} {
		d := newDocumented()
		d.fail("set", answer)
		err := d.pool().SetPassword(t.Context(), "ann", "Correct-horse-7")
		if directory.KindOf(err) != directory.Invalid || directory.CodeOf(err) != "password_refused" || !errors.Is(err, answer) {
			t.Errorf("got %v, want invalid password_refused", err)
		}
	}
}

// Which passwords are folded, and into what, may never change: every password in a pool depends on it.
func TestWhatStandsInThePoolForAPassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, password, kept string }{
		{"plain", "Correct-horse-7", "Correct-horse-7"},
		{"shortest plain", "abc123", "abc123"},
		{"longest plain", strings.Repeat("x", 64), strings.Repeat("x", 64)},
		{"every symbol", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
		{"too short for a pool", "abc12", "Fold-1.jVH-s04-afb6bf_Fd-LGBJDPmn_Ng1-favFQW3HXR3M"},
		{"long", strings.Repeat("x", 65), "Fold-1.lTfF_fEgSC99WNJentWD9SwCtOME6oFNsWM61WWu1-k"},
		{"a space", "two words", "Fold-1.oD8dYRZF61OtFsGvVGygeS3IhFBbq1ft6A9NrWuRHTo"},
		{"beyond ASCII, composed first", "pa\u030askeferie", "Fold-1.dn8Hq1zrpJIAh7YE_fZ5UayVpcpLlZ2iDaP9fBsNDoE"},
		{"NUL", "before\x00after", "Fold-1.kue9N51mTfg0rK_z16vPN1CVvFyvpevHYwkwc4beq5U"},
		{"looks folded", "Fold-1.SHORT", "Fold-1.9oKQqA7VZQ49pCYE_9L0dx0-ET_IogGwIEzNo9yn2fM"},
	} {
		d := newDocumented()
		mustSet(t, d.pool(), c.password)
		if got := d.users["ann"].password; got != c.kept {
			t.Errorf("%s: %q stands for %q, want %q", c.name, got, c.password, c.kept)
		}
	}
}

func TestFoldedPasswordIsNotRightItself(t *testing.T) {
	t.Parallel()
	d := newDocumented()
	p := d.pool()
	mustSet(t, p, "two words")
	if err := p.VerifyPassword(t.Context(), "ann", d.users["ann"].password); !errors.Is(err, directory.ErrWrongPassword) {
		t.Errorf("what the pool keeps was taken for the password: %v", err)
	}
}
