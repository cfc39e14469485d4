package template_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
)

// administer works with somebody else's account.
func (d *deployment) administer(t *testing.T, admin *apptest.Browser) {
	t.Helper()
	made := admin.Call("POST", "/users", body{
		"givenName": "Roger", "familyName": "Dodger", "email": "r.dodger@bash-street.example",
	}, "Idempotency-Key", "once").Want(201)
	one := "/users/" + made.Text("user.id")
	for _, sort := range []string{"familyName", "givenName", "username", "email", "lastSignInAt"} {
		admin.Call("GET", "/users?sort="+sort, nil).Want(200)
	}
	admin.Call("GET", "/users?q=dodger", nil).Want(200)
	admin.Call("GET", one, nil).Want(200)
	admin.Call("PATCH", one, body{"familyName": "Dodgers"}).Want(200)
	admin.Call("GET", "/me", nil).Want(200)

	d.calls.meanwhile = func() { d.rewrite(t, directory.UserID(made.Text("user.id"))) }
	admin.Call("POST", one+"/password-reset", nil).Want(200) // with the user as changed meanwhile
	if _, err := d.pool.AdminDeleteUser(t.Context(), &cognitoidentityprovider.AdminDeleteUserInput{
		UserPoolId: &d.poolID, Username: aws.String(made.Text("user.id")),
	}); err != nil {
		t.Fatal(err)
	}
	admin.Call("POST", one+"/password-reset", nil).Want(200) // makes good what the pool has lost
	d.guard(t, admin, one)
	admin.Call("POST", "/users/end-dates", body{"users": []string{made.Text("user.id")}, "endsAt": d.now().Add(24 * time.Hour)}).Want(200)
	admin.Call("DELETE", one, nil).Want(204)
}

// rewrite stores a user as somebody else would who is a moment quicker than the request under way.
func (d *deployment) rewrite(t *testing.T, id directory.UserID) {
	t.Helper()
	u, err := d.Store.User(t.Context(), "bash-street", id)
	if err == nil {
		err = d.Store.Commit(t.Context(), directory.Change{
			Entries: []directory.Entry{{ID: "meanwhile", Org: u.Org}}, Writes: []directory.Write{directory.PutUser{User: u}},
		})
	}
	if err != nil {
		t.Error(err)
	}
}

// guard opens and ends a user's access.
func (d *deployment) guard(t *testing.T, admin *apptest.Browser, one string) {
	t.Helper()
	forgot := body{"organisation": "bash-street", "email": "r.dodger@bash-street.example"}
	for _, step := range []string{"suspend", "reinstate", "archive", "restore", "unlock", "identity-reset"} {
		admin.Call("POST", one+"/"+step, nil).Want(200)
		d.Browser(t).Call("POST", "/password-resets", forgot).Want(202) // while barred, is told whom to ask
	}
	admin.Call("DELETE", one+"/sessions", nil).Want(204)
	admin.Call("PUT", one+"/totp-exemption", body{"reason": "Has no telephone yet", "until": d.now().Add(24 * time.Hour)}).Want(200)
	admin.Call("DELETE", one+"/totp-exemption", nil).Want(200)
	admin.Call("GET", one+"/agreements", nil).Want(200)
	admin.Call("GET", one+"/audit", nil).Want(200)
}
