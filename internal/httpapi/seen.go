package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/caretaker/caretaker/internal/directory"
)

// Seen is what is known of a request at its end, for the log and for figures. Nothing in it tells of a person.
type Seen struct {
	// Operation is method and route. The path itself is not here: it holds the ids of people.
	Operation string
	Status    int
	// Problem is the code of what went wrong, "" if nothing did.
	Problem string
	// Organisation is the caller's, or the one that somebody tried to get into; "" if there is none, or none of that name.
	Organisation directory.Slug
	// SignIn tells that somebody showed what signs them in: SignedIn whether that was right.
	SignIn, SignedIn bool
	Took             time.Duration

	began time.Time
}

type seenKey struct{}

// seenIn is what is known so far of the request under this context.
func seenIn(ctx context.Context) *Seen {
	if s, ok := ctx.Value(seenKey{}).(*Seen); ok {
		return s
	}
	return &Seen{} // outside of a request nobody looks at it
}

func (s *Seen) end(r *http.Request, status int, now time.Time) {
	s.Operation, s.Status, s.Took = r.Pattern, status, now.Sub(s.began)
}

func (s *Seen) attributes() []slog.Attr {
	return []slog.Attr{
		slog.String("operation", s.Operation), slog.Int("status", s.Status), slog.String("problem", s.Problem),
		slog.String("organisation", string(s.Organisation)), slog.Float64("milliseconds", float64(s.Took.Microseconds())/1000),
	}
}

// signIn notes how a try to sign in ended. What keeps somebody out who showed the right thing is no failure of theirs, and
// neither is a service that does not answer.
func (s *Seen) signIn(org directory.Slug, err error) {
	s.Organisation = org
	switch {
	case err == nil:
		s.SignIn, s.SignedIn = true, true
	case directory.KindOf(err) == directory.NotSignedIn, directory.KindOf(err) == directory.Locked:
		s.SignIn = true
	default:
	}
}

// noteProblem sees every answer that huma writes.
func noteProblem(ctx huma.Context, _ string, answer any) (any, error) {
	if p, ok := answer.(*Problem); ok {
		seenIn(ctx.Context()).Problem = p.Code
	}
	return answer, nil
}
