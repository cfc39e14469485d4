package scenarios_test

import (
	"testing"

	"github.com/pquerna/otp/totp"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// codeAt is what an authenticator app with the secret shows at the time of the installation.
func codeAt(t *testing.T, s *apptest.Stack, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}
