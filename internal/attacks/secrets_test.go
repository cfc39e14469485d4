package attacks_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// Somebody has got hold of the store's file or of a copy of the table, of the log, or of somebody's mailbox, or may read all
// that an administrator may. None of it opens anything.

// secret is one that was shown or typed on a tour.
type secret struct {
	what, text string
	drawn      bool // at random, so long that its plain hash gives nothing away
	mailed     bool // in a link, which is the one place where it belongs
}

// tour is somebody's way through everything that has to do with a secret.
type tour struct {
	*organisation
	minnie *person
	link   string
	known  []secret
}

// TestSecretsInPlacesWhereTheyShouldNotBe goes through everything that has to do with a secret, and then looks everywhere.
func TestSecretsInPlacesWhereTheyShouldNotBe(t *testing.T) {
	t.Parallel()
	for stack, aws := range map[string]bool{"embedded": false, "aws": true} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			log, folder := &memory{}, t.TempDir()
			level := &slog.HandlerOptions{Level: slog.LevelDebug}
			s := own(t, wanted{aws: aws, folder: folder, hashes: apptest.Cheap, log: slog.NewTextHandler(log, level)})
			tour := &tour{organisation: openSchool(t, s)}
			tour.visit(t)

			places := map[string][]byte{"the log": log.read(), "what can be read": tour.readable(), "the mails": tour.mails(t)}
			if aws {
				places["the tables"] = tables(t)
			} else {
				places["the file"] = file(t, filepath.Join(folder, "caretaker.db"))
			}
			for place, content := range places {
				for _, known := range tour.known {
					tour.wantNone(t, place, content, known)
				}
			}
			// A search that finds nothing must be one that could have.
			for place, marker := range map[string]string{
				"the log": "operation=", "what can be read": tour.minnie.username, "the mails": tour.link, "the tables": tour.minnie.id,
				"the file": tour.minnie.id,
			} {
				if content, looked := places[place]; looked && !bytes.Contains(content, []byte(marker)) {
					t.Errorf("%s does not even hold %s", place, marker)
				}
			}
		})
	}
}

func (x *tour) wantNone(t *testing.T, place string, content []byte, known secret) {
	t.Helper()
	if known.mailed && place == "the mails" {
		return
	}
	for form, text := range known.forms() {
		if bytes.Contains(content, text) {
			t.Errorf("%s: found is the %s, %s", place, known.what, form)
		}
	}
}

// forms are how a secret could be written down without being kept from anybody.
func (s secret) forms() map[string][]byte {
	raw, sum := []byte(s.text), sha256.Sum256([]byte(s.text))
	forms := map[string][]byte{"as it is": raw, "in hexadecimal": []byte(hex.EncodeToString(raw))}
	for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
		for shift, skip := range []int{0, 2, 3} { // what is before it in the text decides how it looks in base64
			encoded := encoding.EncodeToString(append(make([]byte, shift), raw...))
			forms[name+strings.Repeat("'", shift)] = []byte(encoded[skip : len(encoded)-1])
		}
	}
	if shared, err := base32.StdEncoding.DecodeString(s.text); err == nil {
		forms["as its bytes"] = shared
	}
	if !s.drawn {
		forms["hashed so that it can be guessed"] = sum[:]
		forms["hashed so, in hexadecimal"] = []byte(hex.EncodeToString(sum[:]))
		forms["hashed so, in base64"] = []byte(base64.RawStdEncoding.EncodeToString(sum[:]))
	}
	return forms
}

// However a secret is written down, the search sees it.
func TestASecretWouldBeFound(t *testing.T) {
	t.Parallel()
	const found = "Velvet-comet-17"
	sum := sha256.Sum256([]byte(found))
	written := []string{found, hex.EncodeToString([]byte(found)), string(sum[:]), hex.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(sum[:])}
	for before := range 3 {
		inside := []byte(strings.Repeat("x", before) + found + "xx")
		written = append(written, base64.StdEncoding.EncodeToString(inside), base64.URLEncoding.EncodeToString(inside))
	}
	for _, place := range written {
		seen := false
		for _, form := range (secret{text: found}).forms() {
			seen = seen || bytes.Contains([]byte("before "+place+" after"), form)
		}
		if !seen {
			t.Errorf("%q was not seen in %q", found, place)
		}
	}
}

func (x *tour) typed(what, text string) string {
	x.known = append(x.known, secret{what: what, text: text})
	return text
}

func (x *tour) drawn(t *testing.T, what, text string) string {
	t.Helper()
	if len(text) < 6 {
		t.Fatalf("there is no %s to look for: %q", what, text)
	}
	x.known = append(x.known, secret{what: what, text: text, drawn: true})
	return text
}

// cookies notes the secrets that a browser has.
func (x *tour) cookies(t *testing.T, whose string, b *apptest.Browser) {
	t.Helper()
	for _, c := range b.Cookies() {
		x.drawn(t, whose+" cookie "+c.Name, c.Value[strings.LastIndex(c.Value, ".")+1:])
	}
}

func (x *tour) visit(t *testing.T) {
	t.Helper()
	x.typed("password of most", rightPassword)
	x.passwords(t)
	x.factors(t)
	x.codes(t)
	x.elsewhere(t)
	x.cookies(t, "the head's", x.head.Browser)
	x.cookies(t, "the operator's", x.Operator)
	x.cookies(t, "the supporter's", x.support(t))
	x.link = x.newLink(t, x.minnie)
	x.known = append(x.known, secret{what: "open link", text: x.link[strings.LastIndex(x.link, ".")+1:], drawn: true, mailed: true})
	x.Clock.Advance(2 * time.Minute) // so that the sessions are written once more
	x.head.Call("GET", "/session", nil).Want(200)
}

func (x *tour) passwords(t *testing.T) {
	t.Helper()
	x.change(t, "passwords", "history", 3)
	a := x.head.Call("POST", "/users", object{
		"givenName": "Minnie", "familyName": "Wright", "email": "minnie@" + school + ".example", "username": "minnie",
	}, "Idempotency-Key", "once").Want(201)
	x.minnie = personOf(a)
	p := x.minnie
	x.typed("initial password", p.password)
	waiting := x.Browser(t)
	waiting.SignIn(school, p.username, p.password).Want(200)
	x.cookies(t, "a waiting browser's", waiting)
	x.enter(t, p)
	x.Browser(t).SignIn(school, p.username, x.typed("wrong password", wrongPassword)).WantProblem(401, "invalid_credentials")
	// People type the password where the name belongs.
	slip := x.drawn(t, "password typed for a name", "Thistle-ferry-58")
	x.Browser(t).SignIn(school, slip, "minnie").WantProblem(401, "invalid_credentials")
	x.Browser(t).Call("POST", "/password-resets", object{"organisation": school, "username": slip}).Want(202)
	p.password = x.typed("second password", "Velvet-comet-17")
	p.Call("PUT", "/me/password", object{
		"currentPassword": rightPassword, "newPassword": p.password, "repeatPassword": p.password,
	}).Want(204)
	p.Call("PUT", "/me/password", object{
		"currentPassword": p.password, "newPassword": x.typed("refused password", "short1"), "repeatPassword": "short1",
	}).WantProblem(422, "invalid")
	x.typed("temporary password", x.head.Call("POST", "/users/"+p.id+"/password-reset", nil).Want(200).Text("temporaryPassword"))
	used := x.newLink(t, p)
	x.known = append(x.known, secret{what: "used link", text: used[strings.LastIndex(used, ".")+1:], drawn: true, mailed: true})
	p.password = x.typed("password chosen by a link", "Lantern-otter-93")
	x.Browser(t).Call("POST", "/password-resets/confirm", chosenBy(used, p.password)).Want(204)
	x.enter(t, p)
}

func (x *tour) factors(t *testing.T) {
	t.Helper()
	p := x.minnie
	x.typed("shared secret of nobody's app yet", x.head.Call("POST", "/me/totp", nil).Want(200).Text("secret"))
	x.useApp(t, p)
	x.typed("shared secret of the app", p.totp)
	for _, code := range p.recovery {
		x.typed("recovery code", code)
		x.typed("recovery code without dashes", strings.ReplaceAll(code, "-", ""))
	}
	half := x.half(t, p)
	half.Call("POST", "/session/totp", object{"code": x.typed("wrong recovery code", "abcd-efgh-jkmn-pqr2")}).WantProblem(422, "wrong_code")
	half.Call("POST", "/session/totp", object{"code": p.recovery[0]}).Want(200)
	half = x.half(t, p)
	half.Call("POST", "/session/totp", object{"code": x.code(t, p)}).Want(200)
	newDevice(x.Stack, p.id).register(t, p)
	x.cookies(t, "Minnie's", p.Browser)
	x.cookies(t, "Minnie's other", half)
}

func (x *tour) codes(t *testing.T) {
	t.Helper()
	x.head.Call("PUT", "/security-code", object{"securityCode": x.typed("security code", "tapir*quilt-83")}).Want(204)
	x.head.Call("POST", "/session/elevate", object{"securityCode": x.typed("wrong security code", "tapir*quilt-84")}).Want(422)
	x.head.Call("POST", "/session/elevate", object{"securityCode": "tapir*quilt-83"}).Want(200)
	standard := x.typed("standard code", "Pelican-basket-26")
	x.head.Call("PUT", "/standard-code", object{"standardCode": standard}).Want(204)
	roger := x.add(t, "roger")
	if roger.password != standard {
		t.Fatalf("new users begin with %q", roger.password)
	}
	x.head.Call("POST", "/users/"+roger.id+"/password-reset", nil).Want(200)
}

func (x *tour) elsewhere(t *testing.T) {
	t.Helper()
	provider := x.federate(t)
	x.typed("secret between school and provider", clientSecret)
	for _, comesBack := range []bool{false, true} {
		b := x.Browser(t)
		back := x.leave(t, provider, b, "roger")
		answer, err := url.Parse(back)
		if err != nil {
			t.Fatal(err)
		}
		x.drawn(t, "state of a sign-in elsewhere", answer.Query().Get("state"))
		x.drawn(t, "code of a sign-in elsewhere", answer.Query().Get("code"))
		x.cookies(t, "a traveller's", b)
		if !comesBack {
			continue
		}
		if problem := x.comeBack(t, b, back); problem != "" {
			t.Fatal(problem)
		}
		x.cookies(t, "a traveller's, back,", b)
	}
}

// readable is everything that the head, Minnie and the operator can read, each at every address that there is.
func (x *tour) readable() []byte {
	var all bytes.Buffer
	for _, op := range httpapi.Operations() {
		if op.Method != http.MethodGet || op.Access == httpapi.Public {
			continue
		}
		for _, b := range []*apptest.Browser{x.head.Browser, x.minnie.Browser, x.Operator} {
			for _, id := range []string{x.minnie.id, school} {
				all.Write(b.Call(op.Method, pathOf(op, id), nil).Body)
			}
		}
	}
	all.Write(x.head.Call("GET", "/audit?limit=200", nil).Want(200).Body)
	return all.Bytes()
}

func (x *tour) mails(t *testing.T) []byte {
	t.Helper()
	list, err := x.Inbox.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for _, m := range list {
		all.WriteString(text(t, m))
		all.WriteString(m.Text + m.HTML)
	}
	return all.Bytes()
}

// file is all that the embedded store has ever written and not yet overwritten.
func file(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// tables is every attribute of every item of this process's tables.
func tables(t *testing.T) []byte {
	t.Helper()
	db := dynamodb.NewFromConfig(emulatortest.AWS(t, emulatortest.DynamoDB(t)))
	var all bytes.Buffer
	names := dynamodb.NewListTablesPaginator(db, &dynamodb.ListTablesInput{})
	for names.HasMorePages() {
		list, err := names.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range list.TableNames {
			pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: &name})
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range page.Items {
					write(t, &all, item)
				}
			}
		}
	}
	return all.Bytes()
}

func write(t *testing.T, all *bytes.Buffer, item map[string]types.AttributeValue) {
	t.Helper()
	for name, attribute := range item {
		switch v := attribute.(type) {
		case *types.AttributeValueMemberS:
			all.WriteString(v.Value + "\n")
		case *types.AttributeValueMemberN:
			all.WriteString(v.Value + "\n")
		case *types.AttributeValueMemberB:
			all.Write(append(v.Value, '\n'))
		default:
			t.Fatalf("the attribute %s is a %T, which was not looked at", name, attribute)
		}
	}
}

// memory keeps a log.
type memory struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (m *memory) Write(line []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept.Write(line)
}

func (m *memory) read() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.kept.Bytes())
}
