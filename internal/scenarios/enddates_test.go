package scenarios_test

import (
	"slices"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app/apptest"
)

// "End dates set for many at once (the end of the school year), and a leaver date set ahead that ends the sessions at that
// moment" (X15).

// endDates is the answer to setting one end date for several users.
type endDates struct {
	Changed []struct{ ID, EndsAt, DueAt string }
	Failed  []struct{ ID, Code, Detail string }
}

// endsFor sets an end date for several users.
func (p *person) endsFor(at any, users ...string) apptest.Answer {
	return p.Call("POST", "/users/end-dates", object{"users": append([]string{}, users...), "endsAt": at})
}

func TestEndDatesForMany(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "06-01")
		next := openOrganisation(t, s, "borsetshire-ends", "Borsetshire", "authority-analytics", nil)
		foreign := next.add("Fay", "Foreign", roles("adviser"))
		l.open(t, "melchester-ends")
		ada := l.first
		enid, eve := l.join(t, "Enid", "Ending", roles("adviser")), l.join(t, "Eve", "Staying", roles("adviser"))
		bea := l.add("Bea", "Baker", roles("administrator"))
		l.forget(t)

		ends := l.at("0-07-31 17:30")
		nobody := l.Directory.NewID()
		var got endDates
		ada.endsFor(ends, enid.id, "nonsense", foreign.id, ada.id, eve.id, nobody, bea.id).Want(200).Into(&got)
		if len(got.Changed) != 2 || got.Changed[0].ID != enid.id || got.Changed[1].ID != eve.id || got.Changed[0].EndsAt != ends.UTC().Format(time.RFC3339) {
			t.Errorf("changed are %+v", got.Changed)
		}
		for _, c := range got.Changed {
			if c.DueAt != c.EndsAt { // the answer is the new state: what happens next is the end
				t.Errorf("%s ends at %s and is due at %s", c.ID, c.EndsAt, c.DueAt)
			}
		}
		codes := map[string]string{}
		details := map[string]string{}
		for _, f := range got.Failed {
			codes[f.ID], details[f.ID] = f.Code, f.Detail
		}
		for id, code := range map[string]string{
			"nonsense": "not_found", foreign.id: "not_found", nobody: "not_found", ada.id: "cannot_change_self", bea.id: "role_constraint",
		} {
			if codes[id] != code || code == "not_found" && details[id] != details["nonsense"] {
				t.Errorf("%s: %q %q, want %s", id, codes[id], details[id], code)
			}
		}
		if a := next.first.Call("GET", "/users/"+foreign.id, nil).Want(200); a.At("endsAt") != nil {
			t.Errorf("another organisation's user was changed: %s", a.Body)
		}
		eve.endsFor(ends, enid.id).WantProblem(403, "missing_right")
		ada.endsFor(ends).WantProblem(422, "invalid").WantField("body.users")
		ada.endsFor(ends, slices.Repeat([]string{enid.id}, 201)...).WantProblem(422, "invalid").WantField("body.users")
		ada.endsFor("tomorrow", enid.id).WantProblem(422, "invalid").WantField("body.endsAt")
		ada.Call("PATCH", "/users/"+enid.id, object{"endsAt": "2027-02-31T00:00:00Z"}).WantProblem(422, "invalid").WantField("body.endsAt")
		ada.endsFor("", eve.id).Want(200) // in time

		l.to(t, "0-07-31 17:20")
		l.enter(t, enid)
		l.enter(t, eve)
		l.to(t, "0-07-31 17:29")
		enid.Call("GET", "/me", nil).Want(200)
		l.Clock.Advance(time.Minute - time.Millisecond)
		enid.Call("GET", "/me", nil).Want(200)
		l.Clock.Advance(time.Millisecond) // at that very moment, with no sweep
		enid.Call("GET", "/me", nil).WantProblem(401, "not_signed_in")
		wantNamed(t, l.Browser(t).SignIn(l.slug, enid.username, enid.password).WantProblem(403, "expired"), "contacts", "Ada First", "Bea Baker")
		eve.Call("GET", "/me", nil).Want(200)

		l.to(t, "0-08-02")
		wantNamed(t, l.Browser(t).SignIn(l.slug, enid.username, enid.password).WantProblem(403, "expired"), "contacts", "Ada First", "Bea Baker")
		l.adaDoes(t, func(ada *person) {
			ada.wantList(t, l.organisation, "status=archived", "Enid Ending")
			if a := ada.take(enid.id, "restore").Want(200); a.At("endsAt") != nil || a.At("archiveCause") != nil {
				t.Errorf("%s", a.Body)
			}
		})
		l.enter(t, enid)
		l.to(t, "0-10-15")
		l.enter(t, enid)
		l.enter(t, eve)
		l.wantDiary(t, "0-08-01 enid: archived", "0-08-02 enid: restored")
	})
}

// An end date that is ahead when an account is archived, or is set then, still holds when it is restored.
func TestAnEndDateAheadOutlivesARestore(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, s *apptest.Stack) {
		l := liveFrom(s, "06-01")
		l.open(t, "melchester-ahead")
		ada := l.first
		enid := l.join(t, "Enid", "Ending", object{"roles": []string{"adviser"}, "endsAt": l.at("0-08-31 12:00")})
		l.forget(t)
		ada.take(enid.id, "archive").Want(200)
		l.note(t)
		l.to(t, "0-06-20")
		l.adaDoes(t, func(ada *person) { ada.take(enid.id, "restore").Want(200) })
		l.to(t, "0-08-31")
		l.enter(t, enid)
		l.to(t, "0-09-01")
		l.wantDiary(t, "0-06-01 enid: archived", "0-06-20 enid: restored", "0-09-01 enid: archived")
	})
}
