package faults_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail/inbox"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
	"github.com/caretaker/caretaker/internal/store/engine/enginetest"
)

const baseURL = "https://users.example"

// clock can be put back, with all else.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = to
}

func (c *clock) advance(d time.Duration) { c.set(c.Now().Add(d)) }

// world is an installation that can be put back to how it was.
type world struct {
	*app.App
	*injector
	*people
	engine    *bolt.Engine
	pool      *pool
	providers *providers
	inbox     *inbox.Inbox
	clock     *clock
	handler   http.Handler

	mu      sync.Mutex
	written map[engine.Key]bool // ever
	// meanwhile is done once, just before the next Commit.
	meanwhile func()
}

// moment is how the world was.
type moment struct {
	records map[engine.Key]engine.Record
	kept    map[directory.UserID]string
	now     time.Time
	cookies map[*visitor]map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	e, err := bolt.Open(host.InMemory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	i := &injector{}
	w := &world{
		injector: i, engine: e, pool: &pool{injector: i, kept: map[directory.UserID]string{}}, providers: &providers{injector: i},
		clock: &clock{now: time.Now().Truncate(time.Second)}, written: map[engine.Key]bool{},
	}
	if w.inbox, err = inbox.Open(inbox.Config{Now: w.clock.Now}); err != nil {
		t.Fatal(err)
	}
	keys, hasher := apptest.Secrets(t)
	config := app.Config{
		BaseURL: baseURL, MailFrom: "no-reply@users.example", Product: "Caretaker", Log: slog.New(slog.DiscardHandler),
	}
	parts := app.Parts{
		Engine: w.store(), Credentials: w.pool, Hasher: hasher, Sealer: sealer{i, keys}, Sender: w.inbox, Now: w.clock.Now,
	}
	if err := app.AddAll(config, &parts, front.Proofs, passkey.Add); err != nil {
		t.Fatal(err)
	}
	w.App = app.New(config, parts)
	w.Directory.Providers = w.providers
	if w.handler, err = w.HTTP(httpapi.Areas()...); err != nil {
		t.Fatal(err)
	}
	w.people = settle(t, w)
	return w
}

// store is the engine whose calls are numbered, and which remembers what was ever written.
func (w *world) store() engine.Engine {
	return &enginetest.Faulty{
		Engine: w.engine,
		OnCommit: func(ops []engine.Op) (bool, error) {
			if do := w.meanwhile; do != nil {
				w.meanwhile = nil
				do()
			}
			done, err := w.injector.store("commit")
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, op := range ops {
				w.written[op.Key()] = true
			}
			return done, err
		},
		OnGet:   func([]engine.Key) error { _, err := w.injector.store("get"); return err },
		OnQuery: func(*engine.Query) error { _, err := w.injector.store("query"); return err },
	}
}

func (w *world) records(t *testing.T) map[engine.Key]engine.Record {
	t.Helper()
	all := map[engine.Key]engine.Record{}
	for keys := range slices.Chunk(slices.Collect(maps.Keys(w.written)), engine.MaxKeys) {
		found, err := w.engine.Get(t.Context(), keys...)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range found {
			if r.Exists() {
				all[r.Key] = r
			}
		}
	}
	return all
}

// remember notes how everything is.
func (w *world) remember(t *testing.T) moment {
	t.Helper()
	m := moment{
		records: w.records(t), kept: maps.Clone(w.pool.kept), now: w.clock.Now(), cookies: map[*visitor]map[string]string{},
	}
	for _, v := range []*visitor{w.jane, w.danny, w.minnie, w.olive} {
		m.cookies[v] = maps.Clone(v.cookies)
	}
	return m
}

// restore puts everything back, cookies too; only versions go on.
func (w *world) restore(t *testing.T, m moment) {
	t.Helper()
	var ops []engine.Op
	now := w.records(t)
	for k := range w.written {
		was, existed := m.records[k]
		is, exists := now[k]
		switch {
		case existed && !same(was, is):
			ops = append(ops, engine.Set(was))
		case exists && !existed:
			ops = append(ops, engine.Delete(k, engine.AnyVersion))
		}
	}
	for part := range slices.Chunk(ops, engine.MaxOps) {
		if err := w.engine.Commit(t.Context(), part...); err != nil {
			t.Fatal(err)
		}
	}
	w.pool.kept = maps.Clone(m.kept)
	w.clock.set(m.now)
	for v, cookies := range m.cookies {
		v.cookies = maps.Clone(cookies)
	}
	if err := w.inbox.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func same(a, b engine.Record) bool {
	return a.Exists() == b.Exists() && string(a.Body) == string(b.Body) && a.Count == b.Count && a.Expires.Equal(b.Expires) &&
		maps.Equal(a.Index, b.Index)
}

// version is an organisation's, as an entity tag. It is read past the injector.
func (w *world) version(t *testing.T, org string) string {
	t.Helper()
	found, err := w.engine.Get(t.Context(), engine.Key{Partition: "org#" + org, Sort: "organisation"})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%q", fmt.Sprint(found[0].Version))
}

// tidy lets time pass and the service put things right, as its schedule does.
func (w *world) tidy(t *testing.T) {
	t.Helper()
	for range 3 { // announcements write mails, and mails are sent the time after
		w.clock.advance(20 * time.Minute)
		if _, err := w.Tidy(t.Context()); err != nil {
			t.Errorf("tidying up: %v", err)
		}
	}
	if left, err := w.Store.Intents(t.Context(), w.clock.Now(), 10); err != nil || len(left) > 0 {
		t.Errorf("intents are left: %v, %v", left, err)
	}
}

// difference says in short what is different from a moment: what came, what went, and which fields changed.
func (w *world) difference(t *testing.T, m moment) string {
	t.Helper()
	var lines []string
	now := w.records(t)
	for k := range w.written {
		was, is := m.records[k], now[k]
		if same(was, is) || strings.HasPrefix(k.Partition, "turns") {
			continue
		}
		switch name := nameOf(k, was, is); {
		case !was.Exists():
			lines = append(lines, "+"+name)
		case !is.Exists():
			lines = append(lines, "-"+name)
		default:
			lines = append(lines, "~"+name+changed(was, is))
		}
	}
	for id, password := range w.pool.kept {
		if was, had := m.kept[id]; !had {
			lines = append(lines, "+credential")
		} else if was != password {
			lines = append(lines, "~credential")
		}
	}
	for id := range m.kept {
		if _, has := w.pool.kept[id]; !has {
			lines = append(lines, "-credential")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// nameOf is what kind of record it is, without whose: of the trail what was done, of a mail what it says.
func nameOf(k engine.Key, was, is engine.Record) string {
	part, _, _ := strings.Cut(k.Partition, "#")
	sort, _, _ := strings.Cut(k.Sort, "#")
	body := fields(is)
	if !is.Exists() {
		body = fields(was)
	}
	switch part {
	case "audit":
		return "audit " + string(body["d"])
	case "outbox":
		return "mail " + string(body["Template"])
	case "user", "org", "schools":
		return part + " " + sort
	}
	return part
}

func fields(r engine.Record) map[string]json.RawMessage {
	var body map[string]json.RawMessage
	_ = json.Unmarshal(r.Body, &body)
	return body
}

// changed names the fields that are different.
func changed(was, is engine.Record) string {
	a, b := fields(was), fields(is)
	var names []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if string(a[name]) != string(b[name]) {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if _, had := a[name]; !had {
			names = append(names, name)
		}
	}
	if was.Count != is.Count {
		names = append(names, fmt.Sprintf("count%+d", is.Count-was.Count))
	}
	return fmt.Sprint(names)
}

// visitor is a browser.
type visitor struct {
	w       *world
	cookies map[string]string
}

func (w *world) visitor() *visitor { return &visitor{w: w, cookies: map[string]string{}} }

// twin has the same cookies, and goes on by itself.
func (v *visitor) twin() *visitor { return &visitor{v.w, maps.Clone(v.cookies)} }

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	value any
}

func (v *visitor) call(t *testing.T, method, path string, body any, headers ...string) answer {
	t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), method, httpapi.Prefix+path, strings.NewReader(string(text)))
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	v.w.handler.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		v.cookies[c.Name] = c.Value
	}
	a := answer{ResponseRecorder: rec}
	_ = json.Unmarshal(rec.Body.Bytes(), &a.value)
	return a
}

// must fails the test unless the call succeeds.
func (v *visitor) must(t *testing.T, method, path string, body any) answer {
	t.Helper()
	a := v.call(t, method, path, body)
	if a.Code/100 != 2 && a.Code != http.StatusSeeOther {
		t.Fatalf("%s %s: %d %s", method, path, a.Code, a.Body)
	}
	return a
}

// at is what stands at a path such as "user.id".
func (a answer) at(path string) any {
	value := a.value
	for part := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[part]
	}
	return value
}

func (a answer) text(path string) string {
	s, _ := a.at(path).(string)
	return s
}
