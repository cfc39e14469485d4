package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/caretaker/caretaker/internal/directory"
)

// equip gives somebody the schools, roles and rights that a new user cannot be given. Doing it twice is the same as once.
func (d *Demo) equip(ctx context.Context, administrator directory.Caller, p person, id directory.UserID) error {
	if p.AllSchools || len(p.Schools) > 0 {
		if err := d.assign(ctx, administrator, p, id); err != nil {
			return err
		}
	}
	if p.AllSchools {
		if _, err := d.directory.ChangeRoles(ctx, administrator, id, p.Roles, nil); err != nil {
			return err
		}
	}
	if len(p.Rights) == 0 {
		return nil
	}
	_, err := d.directory.ChangeRights(ctx, administrator, id,
		directory.RightsChange{Grant: p.Rights, ApprovedBy: p.ApprovedBy}, nil)
	return err
}

func (d *Demo) assign(ctx context.Context, administrator directory.Caller, p person, id directory.UserID) error {
	all, err := d.directory.Store.AllSchools(ctx, administrator.Organisation)
	if err != nil {
		return err
	}
	ids := map[string]directory.SchoolID{}
	for _, s := range all {
		ids[s.Name] = s.ID
	}
	change := directory.SchoolsChange{All: p.AllSchools}
	for _, s := range p.Schools {
		if ids[s.Name] == "" {
			return fmt.Errorf("%s has no school %q", administrator.Organisation.Name, s.Name)
		}
		change.List = append(change.List, directory.Assignment{School: ids[s.Name], Relation: s.Relation})
	}
	_, err = d.directory.AssignSchools(ctx, administrator, id, change, nil)
	return err
}

// membership is how long staff were there before their last sign-in.
const membership = 90 * 24 * time.Hour

// remember stores when somebody was last there, unless that is stored. No service can do it, since nobody signs in in the
// past; a demonstration has to, to have lists that look like those of a system in use.
func (d *Demo) remember(ctx context.Context, p person, org directory.Slug, id directory.UserID) error {
	if p.LastSignIn == 0 {
		return nil
	}
	u, err := d.directory.Store.User(ctx, org, id)
	if err != nil || !u.LastSignInAt.IsZero() {
		return err
	}
	o, err := d.directory.Store.Organisation(ctx, org)
	if err != nil {
		return err
	}
	u.LastSignInAt = daysBefore(d.directory.Now(), p.LastSignIn)
	u.CreatedAt = u.LastSignInAt.Add(-membership)
	// The trail is in the order of its ids, so the id is one of that time.
	entryID, err := ulid.New(ulid.Timestamp(u.LastSignInAt), rand.Reader)
	if err != nil {
		return err
	}
	self := directory.Party{Org: u.Org, User: u.ID, Username: u.Username, Name: u.Name()}
	return d.directory.Store.Commit(ctx, directory.Change{
		Entries: []directory.Entry{{
			ID: strings.ToLower(entryID.String()), Org: u.Org, At: u.LastSignInAt, Action: directory.SignInSucceeded,
			Actor: self, Subject: self, From: here,
		}},
		Writes: []directory.Write{o.Put(u)},
	})
}

// daysBefore is a time of a working day so many days ago, another one for every number of days.
func daysBefore(now time.Time, days int) time.Time {
	midnight := now.UTC().Truncate(24 * time.Hour)
	return midnight.AddDate(0, 0, -days).Add(8*time.Hour + time.Duration(days*37%540)*time.Minute)
}
