package attacks_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// wanted is what a test decides of an installation beyond what apptest lets it.
type wanted struct {
	aws    bool
	folder string          // of the embedded stack
	hashes embedded.Params // likewise
	log    slog.Handler
	silent bool   // no mail is delivered
	bare   bool   // the platform is not set up yet
	base   string // where browsers are told that the service is; "" is where it is
	// front stands before the interface.
	front func(*apptest.Stack, http.Handler) http.Handler
}

// own opens such an installation. Its mails come from an address that nobody else's come from.
func own(t *testing.T, w wanted) *apptest.Stack {
	t.Helper()
	s, server := &apptest.Stack{Clock: apptest.NewClock()}, httptest.NewUnstartedServer(nil)
	c := app.Config{
		BaseURL: cmp.Or(w.base, "http://"+server.Listener.Addr().String()), MailFrom: rand.Text() + "@caretaker.example", Product: "Caretaker",
		Log: slog.New(w.log),
	}
	s.Local = w.open(t, c, s.Clock)
	handler, err := s.HTTP(httpapi.Areas()...)
	if err != nil {
		t.Fatal(err)
	}
	if w.front != nil {
		handler = w.front(s, handler)
	}
	server.Config.Handler = handler
	server.Start()
	s.URL = server.URL
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	followed := make(chan error, 1)
	go func() {
		if w.silent {
			<-ctx.Done()
			followed <- ctx.Err()
			return
		}
		followed <- s.Follow(ctx, s.Feed)
	}()
	t.Cleanup(func() {
		server.Close()
		cancel()
		if err := <-followed; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if !w.bare {
		username, initial := founder(t, s)
		s.Operator = s.Browser(t)
		s.Operator.SignIn(string(directory.OperatorSlug), username, initial).Want(200)
		s.Operator.Call("POST", "/session/password", apptest.NewPassword(rightPassword)).Want(200)
	}
	return s
}

func (w wanted) open(t *testing.T, c app.Config, clock *apptest.Clock) *host.Local {
	t.Helper()
	if !w.aws {
		local, err := host.OpenEmbedded(c, w.folder, clock.Now, w.hashes)
		if err != nil {
			t.Fatal(err)
		}
		return local
	}
	at := host.Endpoints{DynamoDB: emulatortest.DynamoDB(t), Moto: emulatortest.Moto(t), SES: emulatortest.SES(t)}
	local, err := host.OpenEmulated(t.Context(), c, at, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return local
}

// founder sets the platform up and returns how its first operator signs in.
func founder(t *testing.T, s *apptest.Stack) (username, initial string) {
	t.Helper()
	made, err := s.Directory.FoundPlatform(t.Context(), directory.NewOrganisation{
		Name: "Caretaker platform", Preset: "platform", FirstAdministrator: directory.NewPerson("Olive", "Operator", "olive@platform.example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.User.Username, string(made.Password)
}
