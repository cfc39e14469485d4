package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// close closes an organisation as its operator does.
func (p *plant) close(t *testing.T, slug directory.Slug) {
	t.Helper()
	o, err := p.Directory.Organisation(t.Context(), p.operator, slug)
	if err == nil {
		_, err = p.Directory.CloseOrganisation(t.Context(), p.operator, slug, slug, &o.Version)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// live leaves, of each kind of record that an organisation can have, at least one.
func (p *plant) live(t *testing.T, admin, user directory.Caller) {
	t.Helper()
	d, ctx := p.Directory, t.Context()
	school, name := directory.SchoolID(d.NewID()), "St Mary's"
	o := admin.Organisation
	entry := directory.Entry{ID: d.NewID(), Org: o.Slug, At: p.clock.Now(), Action: directory.SchoolChanged}
	visit := directory.Visit{ID: directory.VisitID(d.NewID()), Org: o.Slug, Reason: "a question", StartedAt: p.clock.Now(), Until: p.clock.Now()}
	for what, do := range map[string]func() error{
		"traces": func() error { return p.Store.Commit(ctx, traces(d, user.User, p.clock.Now())) },
		"a school, its group and a visit": func() error {
			return p.Store.Commit(ctx, directory.Change{Entries: []directory.Entry{entry}, Writes: []directory.Write{
				directory.PutSchool{Book: o.SchoolBook, School: directory.School{Org: o.Slug, ID: school, Name: name, CreatedAt: p.clock.Now()}},
				directory.PutSchoolGroup{Book: o.SchoolBook, Group: directory.SchoolGroup{Org: o.Slug, ID: directory.GroupID(d.NewID()), Name: "All"}},
				directory.PutVisit{Visit: visit},
			}})
		},
		"an announcement": func() error {
			_, err := d.SendAnnouncement(ctx, admin, directory.NewAnnouncement{Category: directory.NewsMail, Subject: "News", Message: "Much"}, directory.Once{})
			return err
		},
		"somebody who left, whose name stays taken": func() error {
			made, err := d.CreateUser(ctx, admin, person("Former", "Colleague"), directory.Once{Key: "k", Fingerprint: "f"})
			if err != nil {
				return err
			}
			return d.DeleteUser(ctx, admin, made.User.ID, nil)
		},
		"somebody archived": func() error {
			made, err := d.CreateUser(ctx, admin, person("Archie", "Archived"), directory.Once{})
			if err == nil {
				_, err = d.Archive(ctx, admin, made.User.ID, nil)
			}
			return err
		},
		"wrong passwords": func() error {
			_, _, err := d.SignIn(ctx, directory.SignIn{Org: o.Slug, Username: user.User.Username, Password: "wrong"})
			if err == nil {
				return fmt.Errorf("a wrong password served")
			}
			return nil
		},
	} {
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// about lists the records that are left and name an organisation, of those that do not run out by themselves.
func (p *plant) about(t *testing.T, keys []engine.Key, slug directory.Slug) []string {
	t.Helper()
	var found []string
	for part := range slices.Chunk(keys, engine.MaxKeys) {
		records, err := p.faulty.Get(t.Context(), part...)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			index, err := json.Marshal(r.Index)
			if err != nil {
				t.Fatal(err)
			}
			text := r.Key.Partition + " " + r.Key.Sort + " " + string(r.Body) + string(index)
			if r.Exists() && r.Expires.IsZero() && strings.Contains(text, string(slug)) {
				found = append(found, text)
			}
		}
	}
	return found
}

// wantErased: of the organisation there is a mark left that keeps its slug, and in the platform's trail that it was there, by
// nobody's name; nobody of it has a password.
func (p *plant) wantErased(t *testing.T, keys []engine.Key, slug directory.Slug, users ...directory.UserID) {
	t.Helper()
	marks := 0
	for _, text := range p.about(t, keys, slug) {
		switch {
		case strings.HasPrefix(text, "closed#"+string(slug)+" "):
			marks++
		case !strings.HasPrefix(text, "audit#operator"):
			t.Errorf("left is %s", text)
		}
		for _, word := range []string{"jane", "danny", "smith", "archie", "former", "st mary", "users.example"} {
			if strings.Contains(strings.ToLower(text), word) {
				t.Errorf("left is %s", text)
			}
		}
	}
	if marks != 1 {
		t.Errorf("%d marks keep the slug", marks)
	}
	for _, id := range users {
		if _, kept := p.pool.kept[id]; kept {
			t.Errorf("the password of %s is left", id)
		}
	}
}

func TestAClosedOrganisationIsErasedAfterTwoWeeks(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		written := p.remember()
		admin, user := p.school(t)
		other, otherUser := p.school(t)
		slug := admin.Organisation.Slug
		p.live(t, admin, user)
		p.tidy(t)
		if n := len(p.about(t, written(), slug)); n < 25 {
			t.Fatalf("only %d records are about the school: the test looks in the wrong place", n)
		}
		p.close(t, slug)
		p.clock.Advance(13 * 24 * time.Hour)
		p.tidy(t)
		if _, err := p.Store.User(t.Context(), slug, user.User.ID); err != nil {
			t.Fatalf("a day too early: %v", err)
		}
		p.clock.Advance(24 * time.Hour)
		p.tidy(t)
		p.wantErased(t, written(), slug, admin.User.ID, user.User.ID)
		trail, err := p.Directory.Trail(t.Context(), p.operator, directory.TrailQuery{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, e := range slices.Backward(trail.Entries) {
			if strings.HasPrefix(string(e.Action), "organisation.") && strings.HasPrefix(e.Note, string(slug)) {
				said = append(said, fmt.Sprintf("%s by %s", e.Action, e.Actor.Name))
			}
		}
		want := []string{"organisation.closed by Olive Operator", "organisation.erasing by Caretaker", "organisation.erased by Caretaker"}
		if !slices.Equal(said, want) || !strings.Contains(trail.Entries[0].Note, "with 3 users") {
			t.Errorf("the platform's trail says %q, %q", said, trail.Entries[0].Note)
		}
		// Next door nothing has changed, and the slug is nobody else's.
		if _, err := p.Store.User(t.Context(), other.Organisation.Slug, otherUser.User.ID); err != nil {
			t.Error(err)
		}
		if err := p.pool.VerifyPassword(t.Context(), otherUser.User.ID, chosen); err != nil {
			t.Error(err)
		}
		_, err = p.Directory.CreateOrganisation(t.Context(), p.operator, directory.NewOrganisation{
			Slug: slug, Name: "Another", Preset: "school-portal", FirstAdministrator: person("Walter", "Softy"),
		}, directory.Once{})
		if directory.CodeOf(err) != "slug_taken" {
			t.Errorf("the slug is given again: %v", err)
		}
		if done, err := p.Tidy(t.Context()); err != nil || done.Erased != 0 {
			t.Errorf("it is erased again: %+v, %v", done, err)
		}
	})
}

// An erasure that is cut off at any of its writes is finished by the next one, and can never be half taken back.
func TestAnErasureKilledAtEveryWriteIsFinished(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		written := p.remember()
		step := 1
		if strings.HasSuffix(t.Name(), "/aws") {
			step = 5 // the emulators take their time
		}
		died, writes := true, 0
		for ; died; writes += step {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprintf("write %d after=%t", writes, after), func(t *testing.T) {
					died = p.killErasure(t, written, writes, after)
				})
			}
		}
		if writes < 12 {
			t.Errorf("only %d writes were interrupted", writes)
		}
	})
}

func (p *plant) killErasure(t *testing.T, written func() []engine.Key, writes int, after bool) (died bool) {
	t.Helper()
	admin, user := p.school(t)
	slug := admin.Organisation.Slug
	p.close(t, slug)
	p.clock.Advance(15 * 24 * time.Hour)
	p.machine.dieAt(writes, after)
	_, err := p.Directory.EraseClosed(t.Context(), time.Time{})
	died = p.machine.restart()
	if died == (err == nil) {
		t.Errorf("died %t, and it says %v", died, err)
	}
	closed, err := p.Store.ClosedOrganisation(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Store.User(t.Context(), slug, user.User.ID); err != nil && closed.Begun.IsZero() {
		t.Error("somebody is gone before it is noted that there is no way back")
	}
	if !closed.Begun.IsZero() {
		if _, err := p.Directory.ReopenOrganisation(t.Context(), p.operator, slug); directory.CodeOf(err) != "wrong_status" {
			t.Errorf("half erased it is reopened: %v", err)
		}
	}
	p.tidy(t)
	p.wantErased(t, written(), slug, admin.User.ID, user.User.ID)
	return died
}

// What happens by itself passes a closed organisation by: neither the sweep nor announcements nor the healing stumble over it.
func TestAClosedOrganisationIsPassedBy(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		ada := p.authority(t, "closing")
		open := p.authority(t, "open")
		p.fallDue(t, ada, "closed")
		due := p.fallDue(t, open, "due")
		user, err := p.Directory.CreateUser(t.Context(), ada, person("Carl", "League"), directory.Once{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Directory.SendAnnouncement(t.Context(), ada, directory.NewAnnouncement{Category: directory.NewsMail, Subject: "News", Message: "Much"}, directory.Once{}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Directory.SendToAll(t.Context(), p.operator, directory.NewAnnouncement{Category: directory.ServiceMail, Subject: "To all", Message: "Much"}, directory.Once{}); err != nil {
			t.Fatal(err)
		}
		i := directory.Intent{ID: p.Directory.NewID(), Kind: directory.ChangeCredential, Org: "closing", User: user.User.ID, At: p.clock.Now()}
		if err := p.Store.Begin(t.Context(), i); err != nil {
			t.Fatal(err)
		}
		p.close(t, "closing")
		p.clock.Advance(time.Hour)
		for range 3 {
			if _, err := p.Tidy(t.Context()); err != nil {
				t.Errorf("tidying up: %v", err)
			}
			p.clock.Advance(20 * time.Minute)
		}
		if swept, err := p.Directory.Sweep(t.Context(), directory.SweepOptions{}); err != nil || swept.Failed > 0 || swept.Looked == 0 {
			t.Errorf("the sweep: %+v, %v", swept, err)
		}
		if _, err := p.Directory.Digest(t.Context(), directory.DigestOptions{}); err != nil {
			t.Errorf("the digests: %v", err)
		}
		for range 3 {
			p.clock.Advance(20 * time.Minute)
			if _, err := p.Tidy(t.Context()); err != nil {
				t.Errorf("tidying up: %v", err)
			}
		}
		p.wantStates(t, due)
		if stuck, err := p.Store.Announcing(t.Context(), p.clock.Now().Add(time.Hour), 10); err != nil || len(stuck) > 0 {
			t.Errorf("announcements are stuck: %+v, %v", stuck, err)
		}
	})
}
