package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// remember notes every key that is ever written, so that what is left can be read without a scan.
func (p *plant) remember() func() []engine.Key {
	var mu sync.Mutex
	keys := map[engine.Key]bool{}
	commit := p.faulty.OnCommit
	p.faulty.OnCommit = func(ops []engine.Op) (bool, error) {
		mu.Lock()
		for _, op := range ops {
			keys[op.Key()] = true
		}
		mu.Unlock()
		return commit(ops)
	}
	return func() []engine.Key {
		mu.Lock()
		defer mu.Unlock()
		var all []engine.Key
		for k := range keys {
			all = append(all, k)
		}
		return all
	}
}

// personal are the words by which the person is known.
var personal = []string{"zebedee", "quixworthy", "zq@", "quixotic", "900123", "198.51.100.7"}

// naming lists, of what is left and has not run out, what is in some way about the person.
func (p *plant) naming(t *testing.T, keys []engine.Key, id directory.UserID) (named, numbered []string) {
	t.Helper()
	for part := range slices.Chunk(keys, engine.MaxKeys) {
		records, err := p.faulty.Get(t.Context(), part...)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			ranOut := !r.Expires.IsZero() && r.Expires.Before(p.clock.Now())
			if !r.Exists() || ranOut && !strings.Contains(r.Key.Partition, string(id)) {
				continue
			}
			index, err := json.Marshal(r.Index)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ToLower(r.Key.Partition + " " + r.Key.Sort + " " + string(index) + " " + string(r.Body))
			if slices.ContainsFunc(personal, func(word string) bool { return strings.Contains(text, word) }) {
				named = append(named, r.Key.Partition+" "+r.Key.Sort+" "+string(r.Body))
			}
			if strings.Contains(text, string(id)) {
				numbered = append(numbered, strings.Split(r.Key.Partition, "#")[0])
			}
		}
	}
	slices.Sort(numbered)
	return named, slices.Compact(numbered)
}

// "leaves an audit trail that still proves what happened without personal data beyond what the policy keeps": everything that
// was ever written is looked at, a year and a half after the archive.
func TestWhatAPurgeLeaves(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p *plant) {
		written := p.remember()
		for _, redact := range []bool{true, false} {
			slug := directory.Slug(map[bool]string{true: "forgetting", false: "remembering"}[redact])
			ada := p.authority(t, slug)
			policy := ada.Organisation.Policy
			policy.Lifecycle.RedactTrail = redact
			if _, err := p.Directory.ChangeSettings(t.Context(), ada, policy, nil); err != nil {
				t.Fatal(err)
			}
			u := p.fullLife(t, slug, ada)
			if named, _ := p.naming(t, written(), u.ID); len(named) < 15 {
				t.Errorf("a full life has left only %d records: the test looks in the wrong place", len(named))
			}
			p.sweepUntilGone(t, ada, u)
			named, numbered := p.naming(t, written(), u.ID)
			if !slices.Equal(numbered, []string{"audit"}) {
				t.Errorf("redact %t: the user's number is left in %v", redact, numbered)
			}
			for _, record := range named {
				if redact || !strings.HasPrefix(record, "audit#") {
					t.Errorf("redact %t: left is %s", redact, record)
				}
			}
			if !redact && len(named) < 8 {
				t.Errorf("the trail that is to be kept has %d lines left", len(named))
			}
			if _, kept := p.pool.kept[u.ID]; kept {
				t.Error("the password is left")
			}
			p.wantProof(t, slug, u)
		}
	})
}

// fullLife has somebody do, and have done to them, all that leaves traces.
func (p *plant) fullLife(t *testing.T, slug directory.Slug, ada directory.Caller) directory.User {
	t.Helper()
	d, ctx := p.Directory, t.Context()
	from := directory.Origin{Address: "198.51.100.7", Agent: "Quixotic/1.0"}
	n := directory.NewUser{Details: map[directory.UserField]string{
		directory.FieldGivenName: "Zebedee", directory.FieldFamilyName: "Quixworthy", directory.FieldEmail: "zq@users.example",
		directory.FieldMobile: "+44 7700 900123",
	}, Roles: &[]directory.RoleID{"administrator"}}
	made, err := d.CreateUser(ctx, ada, n, directory.Once{Key: "k", Fingerprint: "f"})
	if err != nil {
		t.Fatal(err)
	}
	u := made.User
	door := directory.SignIn{Org: slug, Username: u.Username, Password: string(made.Password), From: from}
	c, _, err := d.SignIn(ctx, door)
	if err == nil {
		c, _, err = d.MeetNewPassword(ctx, c, directory.NewPassword{Password: longer, Repeat: longer})
	}
	colleague, err2 := d.CreateUser(ctx, c, person("Carl", "League"), directory.Once{})
	door.Password = "wrong"
	_, _, wrong := d.SignIn(ctx, door)
	if err != nil || err2 != nil || directory.KindOf(wrong) != directory.Denied && wrong == nil {
		t.Fatal(err, err2, wrong)
	}
	changes := []func() error{
		func() error {
			return d.RequestLink(ctx, directory.LinkRequest{Org: slug, Username: u.Username, From: from})
		},
		func() error {
			_, err := d.ChangeUser(ctx, c, colleague.User.ID, directory.UserChange{Details: map[directory.UserField]string{directory.FieldGivenName: "Karl"}}, nil)
			return err
		},
		func() error {
			_, err := d.ChangeUser(ctx, ada, u.ID, directory.UserChange{Details: map[directory.UserField]string{directory.FieldFamilyName: "Quixworthy-Smith"}}, nil)
			return err
		},
		func() error { return d.DeleteUser(ctx, c, colleague.User.ID, nil) },
		func() error { _, err := d.Suspend(ctx, ada, u.ID, nil); return err },
		func() error { _, err := d.Reinstate(ctx, ada, u.ID, nil); return err },
		func() error { _, err := d.ResetPassword(ctx, ada, u.ID); return err },
		func() error { return p.Store.Commit(ctx, traces(d, u, p.clock.Now())) },
	}
	for i, change := range changes {
		if err := change(); err != nil {
			t.Fatal(i, err)
		}
	}
	p.tidy(t) // the mails, with a link
	return u
}

// traces are what is kept beside a user, as other operations leave it.
func traces(d *directory.Directory, u directory.User, now time.Time) directory.Change {
	entry := directory.Entry{ID: d.NewID(), Org: u.Org, At: now, Action: directory.UserChanged}
	return directory.Change{Entries: []directory.Entry{entry}, Writes: []directory.Write{
		directory.PutFactors{Factors: directory.Factors{Org: u.Org, User: u.ID}},
		directory.PutBrowser{Browser: directory.Browser{Org: u.Org, User: u.ID, ID: "quixotic", KnownAt: now}},
		directory.PutOldPasswords{OldPasswords: directory.OldPasswords{Org: u.Org, User: u.ID}},
		directory.PutAssignments{Assignments: directory.Assignments{Org: u.Org, User: u.ID}},
		directory.PutAcceptance{Acceptance: directory.Acceptance{
			ID: d.NewID(), Org: u.Org, User: u.ID, Version: 1, At: now, From: directory.Origin{Address: "198.51.100.7"},
		}},
	}}
}

// lateTraces are such as run out by themselves, in time.
func lateTraces(d *directory.Directory, u directory.User, now time.Time) directory.Change {
	id := d.NewID()
	entry := directory.Entry{ID: id, Org: u.Org, At: now, Action: directory.SettingsChanged}
	return directory.Change{
		Entries: []directory.Entry{entry},
		Writes: []directory.Write{directory.PutBrowser{Browser: directory.Browser{
			Org: u.Org, User: u.ID, ID: directory.SessionID("quixotic" + id), KnownAt: now,
		}}},
		Mails: []directory.Mail{{
			ID: id, Org: u.Org, User: u.ID, ToName: u.Name(), ToEmail: u.Email, Template: directory.PasswordChangedMail, CreatedAt: now, SentAt: now,
		}},
	}
}

// sweepUntilGone lets the years pass until the user was deleted.
func (p *plant) sweepUntilGone(t *testing.T, ada directory.Caller, u directory.User) {
	t.Helper()
	for range 60 {
		p.admit(t, u.Org, ada.User.Username, longer) // or of the two administrators either might be kept
		p.clock.Advance(31 * 24 * time.Hour)
		if err := p.Store.Commit(t.Context(), lateTraces(p.Directory, u, p.clock.Now())); err != nil { // or all would have run out
			t.Fatal(err)
		}
		p.sweeps(t.Context(), t, 1)
		p.tidy(t)
		if _, err := p.Store.User(t.Context(), u.Org, u.ID); directory.KindOf(err) == directory.NotFound {
			p.clock.Advance(100 * 24 * time.Hour) // letters to others are kept for 90 days
			return
		}
	}
	t.Fatal("five years later the user is there still")
}

// wantProof: what was done to whom, by number, and when.
func (p *plant) wantProof(t *testing.T, slug directory.Slug, u directory.User) {
	t.Helper()
	page, err := p.Store.Trail(t.Context(), directory.TrailQuery{Org: slug, Subject: u.ID, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, e := range slices.Backward(page.Entries) {
		actions = append(actions, string(e.Action))
		if e.At.IsZero() || e.Org != slug {
			t.Errorf("%+v", e)
		}
	}
	want := "user.created signIn.challenged password.changed signIn.succeeded signIn.failed passwordLink.asked user.changed user.suspended " +
		"user.reinstated password.reset user.warned user.warned user.warned user.archived user.purged"
	if got := strings.Join(actions, " "); got != want {
		t.Errorf("the trail says\n%s\nwant\n%s", got, want)
	}
}
