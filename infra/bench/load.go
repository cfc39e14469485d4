package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// setup says how much is asked, for how long.
type setup struct {
	users     int
	lasts     time.Duration
	abreast   []int // how many requests are under way at a time; as many again as soon as one is answered
	hashing   []embedded.Params
	hashNames []string
}

// standard is the issue's: lists of 50 among 10,000, and sign-ins with and without the cost of hashing.
var standard = setup{
	users: 10_000, lasts: 10 * time.Second, abreast: []int{1, 8},
	hashing:   []embedded.Params{embedded.Recommended(), {MemoryKiB: 8, Passes: 1, Lanes: 1}},
	hashNames: []string{"argon2id as recommended", "without the cost of hashing"},
}

// load asks the embedded stack, in files that are synced as the product does, by the program vegeta, and prints what it bore.
func load(ctx context.Context, vegeta string, s setup, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "bench-load-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	fmt.Fprintln(out, "| request | at a time | answered a second | median | p99 | longest | failed |\n|---|---|---|---|---|---|---|")
	for i, params := range s.hashing {
		if err := s.loadOne(ctx, vegeta, filepath.Join(folder, fmt.Sprint(i)), params, s.hashNames[i], i > 0, out); err != nil {
			return err
		}
	}
	return nil
}

// loadOne serves an installation and asks it for sign-ins and, where it is to be all, for the rest.
func (s setup) loadOne(ctx context.Context, vegeta, folder string, params embedded.Params, name string, all bool, out io.Writer) (err error) {
	school, err := serveSchool(ctx, folder, params, s.users)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, school.Close()) }()
	asked := [][]target{school.signIns(name)}
	if all {
		asked = append(asked, []target{school.list()}, school.creates())
	}
	for _, t := range asked {
		for _, abreast := range s.abreast {
			if err := s.attack(ctx, vegeta, folder, t, abreast, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// target is a request, in vegeta's own form.
type target struct {
	name   string
	Method string      `json:"method"`
	URL    string      `json:"url"`
	Body   string      `json:"body,omitempty"`
	Header http.Header `json:"header"`
}

// attack asks for one thing again and again, of several people in turns if there are several targets.
func (s setup) attack(ctx context.Context, vegeta, folder string, asked []target, abreast int, out io.Writer) error {
	var text bytes.Buffer
	for _, t := range asked {
		if err := json.NewEncoder(&text).Encode(t); err != nil {
			return fmt.Errorf("write a target: %w", err)
		}
	}
	results := filepath.Join(folder, "results")
	attack := exec.CommandContext(ctx, vegeta, "attack", "-format=json", "-rate=0", fmt.Sprintf("-max-workers=%d", abreast), //nolint:gosec // the developer's own
		"-duration="+s.lasts.String(), "-output="+results)
	attack.Stdin = &text
	if text, err := attack.CombinedOutput(); err != nil {
		return fmt.Errorf("attack: %w: %s", err, text)
	}
	told, err := exec.CommandContext(ctx, vegeta, "report", "-type=json", results).Output() //nolint:gosec // likewise
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return row(out, asked[0].name, abreast, told)
}

// row writes a line of the table from vegeta's report.
func row(out io.Writer, name string, abreast int, told []byte) error {
	var r struct {
		Latencies struct {
			P50 time.Duration `json:"50th"`
			P99 time.Duration `json:"99th"`
			Max time.Duration `json:"max"`
		}
		Requests, Throughput, Success float64
		StatusCodes                   map[string]int `json:"status_codes"`
	}
	if err := json.Unmarshal(told, &r); err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	failed := r.Requests * (1 - r.Success)
	fmt.Fprintf(out, "| %s | %d | %.0f | %.2f ms | %.2f ms | %.1f ms | %.0f |\n", name, abreast, r.Throughput, ms(r.Latencies.P50), ms(r.Latencies.P99), ms(r.Latencies.Max), failed)
	if r.Requests == 0 || failed > 0 {
		return fmt.Errorf("%s: %.0f of %.0f requests failed (%v), so the figures say nothing", name, failed, r.Requests, r.StatusCodes)
	}
	return nil
}

// school is an installation that is served on loopback.
type school struct {
	local    *host.Local
	server   *http.Server
	base     string
	people   map[string]string // usernames and initial passwords of those who sign in
	cookie   string            // of an operator, who asks for the rest
	follow   context.CancelFunc
	followed chan error
}

// Close ends serving, and lets go of the files.
func (s *school) Close() error {
	err := s.server.Close()
	s.follow()
	if ended := <-s.followed; !errors.Is(ended, context.Canceled) {
		err = errors.Join(err, ended)
	}
	return errors.Join(err, s.local.Close())
}

// serveSchool opens an installation with so many users and one who asks.
func serveSchool(ctx context.Context, folder string, params embedded.Params, users int) (*school, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	base := "http://" + l.Addr().String()
	local, err := host.OpenEmbedded(app.Config{
		BaseURL: base, MailFrom: "no-reply@users.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}, folder, time.Now, params)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	handler, err := local.HTTP(httpapi.Areas()...)
	if err != nil {
		return nil, errors.Join(err, local.Close(), l.Close())
	}
	s := &school{local: local, base: base, server: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}, followed: make(chan error, 1), people: map[string]string{}}
	following, cancel := context.WithCancel(ctx)
	s.follow = cancel
	go func() { s.followed <- local.Follow(following, local.Feed) }()
	go func() { _ = s.server.Serve(l) }() // Close ends it
	if err := s.fill(ctx, users); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// signIns are those of many: one who signs in many times at once waits for himself.
func (s *school) signIns(name string) []target {
	var all []target
	for username, password := range s.people {
		all = append(all, s.target("sign in, "+name, http.MethodPost, "/session", credentials(username, password), ""))
	}
	return all
}

func (s *school) list() target {
	return s.target("list 50 users of 10,000", http.MethodGet, "/users", "", s.cookie)
}

// creates is for people of many names: of one name there are at most 10,000 usernames.
func (s *school) creates() []target {
	all := make([]target, 26)
	for i := range all {
		body := fmt.Sprintf(`{"givenName":"Danny","familyName":"%c%csmith","email":"d.smith@users.example"}`, 'A'+i, 'a'+(i+7)%26)
		all[i] = s.target("create a user", http.MethodPost, "/users", body, s.cookie)
	}
	return all
}

func (s *school) target(name, method, path, body, cookie string) target {
	t := target{name: name, Method: method, URL: s.base + httpapi.Prefix + path, Header: http.Header{}}
	if body != "" {
		t.Body = base64.StdEncoding.EncodeToString([]byte(body))
		t.Header.Set("Content-Type", "application/json")
	}
	if cookie != "" {
		t.Header.Set("Cookie", cookie)
	}
	return t
}
