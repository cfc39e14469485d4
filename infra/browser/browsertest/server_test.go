package browsertest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/passkeys"
)

const userID = "01k5h8q2v3m4n5p6q7r8s9t0wx"

// server is the least that has passkeys: one user, and what is between the two halves of a ceremony.
type server struct {
	relyingParty *passkeys.RelyingParty

	mu     sync.Mutex
	owner  directory.PasskeyOwner
	states map[string][]byte // by challenge; each is used once
}

// serve starts a server and returns its URL, with the name that browsers want.
func serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	started := httptest.NewServer(http.NewCrossOriginProtection().Handler(mux))
	t.Cleanup(started.Close)
	config, err := passkeys.ConfigFor(started.URL, "Caretaker")
	if err != nil {
		t.Fatal(err)
	}
	relyingParty, err := passkeys.New(config, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{
		relyingParty: relyingParty, states: map[string][]byte{},
		owner: directory.PasskeyOwner{ID: userID, Username: "ann.lee", Name: "Ann Lee"},
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		_, _ = w.Write([]byte("<!doctype html><title>Caretaker</title>"))
	})
	mux.HandleFunc("POST /registration/options", s.answer(s.beginRegistration))
	mux.HandleFunc("POST /registration", s.answer(s.finishRegistration))
	mux.HandleFunc("POST /sign-in/options", s.answer(s.beginSignIn))
	mux.HandleFunc("POST /sign-in", s.answer(s.finishSignIn))
	mux.HandleFunc("/echo", echo)
	mux.Handle("/redirect", http.RedirectHandler("/echo", http.StatusSeeOther))
	return strings.Replace(started.URL, "127.0.0.1", "localhost", 1)
}

// call is what a request holds.
type call struct {
	User       directory.UserID
	Credential json.RawMessage
	Careless   bool // the page does not ask for what we told it to
}

func (s *server) answer(do func(call) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var c call
		if r.ContentLength > 0 {
			if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		body, err := do(c)
		if err != nil {
			http.Error(w, err.Error(), statusOf(err))
			return
		}
		_ = json.NewEncoder(w).Encode(body)
	}
}

func statusOf(err error) int {
	if directory.KindOf(err) == directory.NotSignedIn {
		return http.StatusUnauthorized
	}
	return http.StatusInternalServerError
}

func (s *server) beginRegistration(c call) (any, error) {
	return s.begun(c)(s.relyingParty.BeginRegistration(s.owner))
}

func (s *server) beginSignIn(c call) (any, error) {
	if c.User == "" {
		return s.begun(c)(s.relyingParty.BeginSignIn(directory.PasskeyOwner{}))
	}
	return s.begun(c)(s.relyingParty.BeginSignIn(s.owner))
}

// begun keeps the state by the challenge of the options.
func (s *server) begun(c call) func(json.RawMessage, []byte, error) (any, error) {
	return func(options json.RawMessage, state []byte, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		var asked struct{ Challenge string }
		if err := json.Unmarshal(options, &asked); err != nil {
			return nil, err
		}
		s.states[asked.Challenge] = state
		if c.Careless {
			return careless(options)
		}
		return map[string]any{"options": options}, nil
	}
}

// careless changes options as a page would that is not interested in who uses the device. A resident key is left out
// too, for Chromium makes none without verifying the user.
func careless(options json.RawMessage) (any, error) {
	var changed map[string]any
	if err := json.Unmarshal(options, &changed); err != nil {
		return nil, err
	}
	if _, ok := changed["authenticatorSelection"]; ok {
		changed["authenticatorSelection"] = map[string]any{"userVerification": "discouraged"}
	} else {
		changed["userVerification"] = "discouraged"
	}
	return map[string]any{"options": changed}, nil
}

// state takes the state that a response claims to answer.
func (s *server) state(response []byte) ([]byte, error) {
	claim, err := s.relyingParty.Claimed(response)
	if err != nil {
		return nil, err
	}
	state, ok := s.states[claim.Challenge]
	delete(s.states, claim.Challenge)
	if !ok {
		return nil, directory.ErrPasskeyRefused
	}
	return state, nil
}

func (s *server) finishRegistration(c call) (any, error) {
	state, err := s.state(c.Credential)
	if err != nil {
		return nil, err
	}
	p, err := s.relyingParty.FinishRegistration(s.owner, state, c.Credential)
	if err != nil {
		return nil, err
	}
	s.owner.Passkeys = append(s.owner.Passkeys, p)
	return s.told(p)
}

func (s *server) finishSignIn(c call) (any, error) {
	state, err := s.state(c.Credential)
	if err != nil {
		return nil, err
	}
	p, err := s.relyingParty.FinishSignIn(s.owner, state, c.Credential)
	if err != nil {
		return nil, err
	}
	for i := range s.owner.Passkeys {
		if s.owner.Passkeys[i].ID == p.ID {
			s.owner.Passkeys[i] = p
		}
	}
	return s.told(p)
}

// told is the answer to a ceremony that went well.
type told struct {
	User     directory.UserID `json:"user"`
	Passkeys int              `json:"passkeys"`
	Counter  uint32           `json:"counter"`
}

func (s *server) told(p directory.Passkey) (any, error) {
	var key struct {
		Authenticator struct{ SignCount uint32 }
	}
	err := json.Unmarshal(p.Key, &key)
	return told{User: s.owner.ID, Passkeys: len(s.owner.Passkeys), Counter: key.Authenticator.SignCount}, err
}

// echo says what reached the server, and leaves a cookie.
func echo(w http.ResponseWriter, r *http.Request) {
	var body any
	if r.ContentLength > 0 {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	if r.Method == http.MethodPost {
		http.SetCookie(w, &http.Cookie{Name: "visited", Value: "1", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"method": r.Method, "body": body, "cookie": r.Header.Get("Cookie"),
		"site": r.Header.Get("Sec-Fetch-Site"), "saved": r.Header.Get("X-Saved"),
	})
}
