package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/directory/rule"
)

// etag writes a version as an entity tag (RFC 9110, 8.8.3).
func etag(version int64) string { return `"` + itoa(version) + `"` }

// MatchHeader is the version that a change was made from.
type MatchHeader struct {
	IfMatch string `header:"If-Match" doc:"The version the change was made from, such as \"3\"; with another one in force the answer is 412" example:"\"3\""`
}

// version is nil where any will do.
func (h MatchHeader) version() (*int64, error) {
	text := strings.TrimSpace(h.IfMatch)
	if text == "" || text == "*" {
		return nil, nil //nolint:nilnil // no expectation is not an error
	}
	n, err := strconv.ParseInt(strings.Trim(text, `"`), 10, 64)
	if err != nil {
		return nil, &directory.Error{
			Kind: directory.Invalid, Code: "invalid", Detail: "Please look at the fields named below.",
			Fields: []directory.FieldError{{Field: "If-Match", Broken: rule.Version.Broken()}},
		}
	}
	return &n, nil
}

// OnceHeader lets a caller send a request twice without its being done twice.
type OnceHeader struct {
	Key     string `header:"Idempotency-Key" doc:"Of the caller's choice, kept for 24 hours: the same key with the same body gives the same answer, except that a secret shown once is not repeated" maxLength:"200"`
	RawBody []byte
	path    string
}

// Resolve notes which request it is; huma calls it once the input is read.
func (h *OnceHeader) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	h.path = u.Path
	return nil
}

func (h *OnceHeader) once() directory.Once {
	if h.Key == "" {
		return directory.Once{}
	}
	sum := sha256.Sum256(append([]byte(h.path+"\n"), h.RawBody...))
	return directory.Once{Key: h.Key, Fingerprint: hex.EncodeToString(sum[:])}
}

type (
	originKey  struct{}
	knownKey   struct{}
	formerKey  struct{}
	bindingKey struct{}
)

// bindingIn says that the browser is the one that was sent to an identity provider.
func bindingIn(ctx context.Context) string {
	b, _ := ctx.Value(bindingKey{}).(string)
	return b
}

// knownIn is who signed in before in the browser that the request under this context comes from.
func knownIn(ctx context.Context) directory.Known {
	k, _ := ctx.Value(knownKey{}).(directory.Known)
	return k
}

// formerIn is the cookie of the session that the browser had so far, whoever it is of.
func formerIn(ctx context.Context) string {
	f, _ := ctx.Value(formerKey{}).(string)
	return f
}

// originIn is where the request under this context came from.
func originIn(ctx context.Context) directory.Origin {
	o, _ := ctx.Value(originKey{}).(directory.Origin)
	return o
}
