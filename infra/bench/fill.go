package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// fill founds the platform, whose own organisation gets so many users.
func (s *school) fill(ctx context.Context, users int) error {
	made, err := s.local.Directory.FoundPlatform(ctx, directory.NewOrganisation{
		Name: "Platform", Preset: "platform", FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@users.example"),
	})
	if err != nil {
		return err
	}
	var filling errgroup.Group
	filling.SetLimit(256) // the engine's most, of which all share one sync
	for n := range users {
		filling.Go(func() error { return s.local.Store.Commit(ctx, newUser(n)) })
	}
	if err := filling.Wait(); err != nil {
		return err
	}
	return s.enter(ctx, made.User.Username, string(made.Password))
}

// newUser is the change that makes the n-th user.
func newUser(n int) directory.Change {
	u := directory.User{
		Org: directory.OperatorSlug, ID: directory.UserID(fmt.Sprintf("01kd%022d", n)), Username: fmt.Sprintf("PPupi%05d", n),
		GivenName: "Pat", FamilyName: fmt.Sprintf("Pupil %05d", n), Email: fmt.Sprintf("pat.%d@users.example", n),
		Status: directory.Active, Roles: []directory.RoleID{"operator"},
	}
	return directory.Change{
		Entries: []directory.Entry{{ID: fmt.Sprintf("fill%06d", n), Org: u.Org, Action: directory.UserCreated}},
		Writes:  []directory.Write{directory.PutUser{User: u}},
	}
}

const chosen = "Chosen1password"

// signing is how many sign in in turns.
const signing = 32

// enter takes the operator from the initial password to the inside, and adds those who sign in.
func (s *school) enter(ctx context.Context, username, initial string) error {
	var err error
	if s.cookie, err = s.session(ctx, "/session", credentials(username, initial)); err != nil {
		return err
	}
	if s.cookie, err = s.session(ctx, "/session/password", fmt.Sprintf(`{"newPassword":%q,"repeatPassword":%q}`, chosen, chosen)); err != nil {
		return err
	}
	for n := range signing {
		var made struct {
			User            struct{ Username string }
			InitialPassword string
		}
		body := fmt.Sprintf(`{"givenName":"Sam","familyName":"Signer %d","email":"s%d@users.example"}`, n, n)
		if _, err := s.call(ctx, "/users", body, &made); err != nil {
			return err
		}
		s.people[made.User.Username] = made.InitialPassword
	}
	return nil
}

func credentials(username, password string) string {
	text, err := json.Marshal(map[string]string{"organisation": string(directory.OperatorSlug), "username": username, "password": password})
	if err != nil { // text is always written
		panic(err)
	}
	return string(text)
}

// session posts something that gives a session, and returns its cookie.
func (s *school) session(ctx context.Context, path, body string) (string, error) {
	cookies, err := s.call(ctx, path, body, nil)
	if err != nil {
		return "", err
	}
	for _, c := range cookies {
		if c.Name == "caretaker" { // as it is called where there is no https
			return c.Name + "=" + c.Value, nil
		}
	}
	return "", fmt.Errorf("%s: no session", path)
}

// call posts something, reads the answer into what is given, and returns its cookies.
func (s *school) call(ctx context.Context, path, body string, into any) ([]*http.Cookie, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+httpapi.Prefix+path, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", s.cookie)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	if into != nil {
		err = json.NewDecoder(answer.Body).Decode(into)
	}
	return answer.Cookies(), err
}
