package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/caretaker/caretaker/internal/directory"
)

// Access says who may come as far as an operation's body.
type Access string

// Who may come as far as an operation's body.
const (
	Public   Access = "public"   // anybody
	SignedIn Access = "signedIn" // a session, also one with a challenge open
	Admitted Access = "admitted" // a session without an open challenge
	Holder   Access = "holder"   // of the operation's right
)

// Operation is one line of the interface, declared once: routing, OpenAPI, the checks before the body, the function that
// serves it and the comparison with template.yaml all come from it.
type Operation struct {
	ID      string // operationId, unique
	Method  string
	Path    string // below Prefix
	Access  Access
	Right   directory.Right // with Access Holder
	Summary string
	Status  int // of success; 0 is 200, or 204 where nothing is answered
	// Credential tells that it changes how somebody signs in, or speaks in somebody's name: nothing for support staff. So are
	// operations on oneself.
	Credential bool
	// Anywhere tells that pages of other sites, and mail services, may ask for it too: it goes by what is in the address and
	// by nothing that a browser sends of itself.
	Anywhere bool
	// Page tells that the answer is a page for people, not JSON.
	Page bool
	// Meets, with Access Admitted, lets in whoever has this challenge to meet next.
	Meets directory.Challenge
	// Proving tells that the caller shows something that could be guessed, so that failures are read with the session.
	Proving bool
	// Ahead is what the operation will ask the store for, beside what is read with the session anyway; nil for nothing.
	Ahead func(who directory.Bearer, r *http.Request) []directory.Need
	// Once, where an Idempotency-Key is taken, is what its receipts are kept under.
	Once string
	// KeepsSession tells that the operation stores the caller's session, or ends it, so that its use is not noted beside that.
	KeepsSession bool
	// About tells that the path's id is a user of the caller's organisation, to be read together with the session.
	About bool
	// MaxBody is in bytes; 0 is 64 KiB.
	MaxBody int64
	// Errors lists further statuses that the operation can answer with, for the documentation.
	Errors []int
	// Area is filled in when the operation is registered: the function that serves it.
	Area string
}

// Area is a group of operations that one function serves.
type Area struct {
	Name string
	add  func(*group)
}

// group adds the operations of one area to an API.
type group struct {
	*API
	area string
}

func (area Area) register(a *API) { area.add(&group{API: a, area: area.Name}) }

// Areas lists all areas.
func Areas() []Area { return []Area{Session(), Users(), Passwords(), Organisation(), Operator()} }

type callerKey struct{}

// callerOf is who makes the request; the zero Caller for public operations.
func callerOf(ctx context.Context) directory.Caller {
	c, _ := ctx.Value(callerKey{}).(directory.Caller)
	return c
}

// handler does the work of an operation for its caller.
type handler[I, O any] func(ctx context.Context, c directory.Caller, in *I) (*O, error)

const defaultMaxBody = 64 << 10

// register adds an operation with everything that comes before its body is read.
func register[I, O any](g *group, op Operation, handle handler[I, O]) {
	a := g.API
	op.Area = g.area
	if op.MaxBody == 0 {
		op.MaxBody = defaultMaxBody
	}
	h := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: Prefix + op.Path, Summary: op.Summary, DefaultStatus: op.Status,
		MaxBodyBytes: op.MaxBody, Tags: []string{op.Area}, Errors: op.statuses(), Metadata: map[string]any{"operation": op},
	}
	if op.Page {
		h.Responses = map[string]*huma.Response{"200": htmlResponse(http.StatusOK), "404": htmlResponse(http.StatusNotFound)}
	}
	if op.Anywhere {
		a.origins.AddInsecureBypassPattern(op.Method + " " + h.Path)
	}
	if op.Access != Public {
		h.Security = []map[string][]string{{"session": {}}}
		h.Middlewares = huma.Middlewares{a.admit(op)}
	}
	if op.Right != "" {
		h.Description = "Needs the right `" + string(op.Right) + "`."
	}
	huma.Register(a.huma, h, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, callerOf(ctx), in)
		if err != nil {
			return nil, a.problemOf(ctx, op.ID, err)
		}
		return out, nil
	})
}

// htmlResponse documents a page.
func htmlResponse(status int) *huma.Response {
	return &huma.Response{
		Description: http.StatusText(status), Content: map[string]*huma.MediaType{"text/html": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
}

// statuses lists the errors every operation can answer with, and its own.
func (op Operation) statuses() []int {
	list := append([]int{http.StatusInternalServerError, http.StatusServiceUnavailable}, op.Errors...)
	if op.Access != Public {
		list = append(list, http.StatusUnauthorized)
	}
	if op.Access == Admitted || op.Access == Holder || op.Method != http.MethodGet {
		list = append(list, http.StatusForbidden)
	}
	if op.Method == http.MethodPost || op.Method == http.MethodPut || op.Method == http.MethodPatch {
		list = append(list, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// admit checks session, challenge, right and the user the path names, in this order, before a body is looked at.
func (a *API) admit(op Operation) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		var about []directory.UserID
		if op.About {
			about = append(about, directory.UserID(r.PathValue("id")))
		}
		c, err := a.directory.Authenticate(r.Context(), directory.Arrival{
			Token: a.readCookie(r), From: originOf(r), Known: knownIn(r.Context()), About: about, Proving: op.Proving,
			Ahead: func(who directory.Bearer) []directory.Need { return op.needs(who, r) }, Noted: op.KeepsSession,
		})
		seenIn(r.Context()).Organisation = c.Organisation.Slug
		if err == nil {
			err = op.allows(c)
		}
		if err == nil && op.About {
			err = c.Sees(about[0])
		}
		if err != nil {
			writeProblem(r.Context(), w, a.problemOf(r.Context(), op.ID, err))
			return
		}
		defer a.directory.Used(r.Context(), c)()
		next(huma.WithValue(ctx, callerKey{}, c))
	}
}

// needs is what the operation will ask the store for.
func (op Operation) needs(who directory.Bearer, r *http.Request) []directory.Need {
	var needs []directory.Need
	if op.Ahead != nil {
		needs = op.Ahead(who, r)
	}
	if key := r.Header.Get("Idempotency-Key"); op.Once != "" && keepable(key) {
		needs = append(needs, directory.ReceiptID{Org: who.Org, User: who.User, Operation: op.Once, Key: key})
	}
	return needs
}

func (op Operation) allows(c directory.Caller) error {
	var err error
	switch op.Access {
	case Holder:
		err = c.Require(op.Right)
	case Admitted:
		if op.Meets == "" || c.Session.Challenge() != op.Meets {
			err = c.Admitted()
		}
	default:
	}
	if err == nil && op.Personal() && c.Visit() != nil {
		err = c.MayChangeCredentials()
	}
	return err
}

// Personal tells whether an operation is refused to support staff.
func (op Operation) Personal() bool {
	return op.Credential || op.Path == "/me" || strings.HasPrefix(op.Path, "/me/")
}
