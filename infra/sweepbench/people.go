package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/lifecycle"
	"github.com/caretaker/caretaker/internal/presets"
)

// began is the day before the first sweep, at the time of day of all of them.
var began = time.Date(2026, 9, 10, 3, 0, 0, 0, time.UTC)

// dayOf is when the sweep of a turn runs.
func dayOf(turn int) time.Time { return began.AddDate(0, 0, turn+1) }

// organisation is one of the authorities, all with the same policy.
func organisation(number int) (directory.Organisation, error) {
	p, known := presets.Builtin().Preset("authority-analytics")
	if !known {
		return directory.Organisation{}, fmt.Errorf("there is no preset authority-analytics")
	}
	o := directory.Organisation{
		Slug: directory.Slug(fmt.Sprintf("authority-%03d", number)), Name: fmt.Sprintf("Authority %d", number), Preset: "authority-analytics",
		Language: p.Language, Policy: p.Policy, Roles: p.Roles, CreatedAt: began.AddDate(-5, 0, 0),
	}
	o.Policy = o.Policy.Filled()
	o.Policy.Passwords.MaxAgeDays = maxAgeDays
	return o, nil
}

// maxAgeDays is how long passwords are good; the first reminder comes 14 days before.
const maxAgeDays = 360

// member is a user of the organisation. The first s.due of them have something due, at the same turn and under the same id
// in both stores.
func (s setup) member(o directory.Organisation, org, number int) directory.User {
	random := rand.New(rand.NewPCG(uint64(org), uint64(number))) //nolint:gosec // made-up people, the same every time
	u := directory.User{
		Org: o.Slug, ID: directory.UserID(fmt.Sprintf("01h%04d%019d", org, number)), Username: fmt.Sprintf("PMemb%03d%05d", org, number),
		GivenName: "Pat", FamilyName: fmt.Sprintf("Member %05d", random.IntN(100_000)), Status: directory.Active,
		Email: fmt.Sprintf("pat.member%d@authority-%03d.example", number, org), Roles: []directory.RoleID{"adviser"},
		Wants: directory.Communications{News: true}, CreatedAt: began.AddDate(-4, 0, -random.IntN(300)),
		LastSignInAt: ago(random, 300), PasswordSetAt: ago(random, 300),
	}
	if number < s.due {
		s.makeDue(&u, org, number)
	}
	return u
}

// ago is a moment within so many days before the first sweep.
func ago(random *rand.Rand, days int) time.Time {
	return began.Add(-time.Duration(random.IntN(days*24*60)) * time.Minute)
}

// makeDue gives the user something that is due at its turn, and not a day earlier: of twenty, fourteen warnings, three
// archives, two purges and a reminder of the password.
func (s setup) makeDue(u *directory.User, org, number int) {
	day := dayOf(number % s.turns)
	idle := func(months, warnings int) {
		u.LastSignInAt, u.Warnings, u.ExpiryMails = day.AddDate(0, -months, 0), warnings, 2
		u.PasswordSetAt = u.LastSignInAt
		if warnings > 0 {
			u.WarnedAt = day.AddDate(0, -1, 0)
		}
	}
	switch kind := (org*s.due + number) / s.turns % 20; {
	case kind < 5:
		idle(15, 0)
	case kind < 10:
		idle(16, 1)
	case kind < 14:
		idle(17, 2)
	case kind < 17:
		idle(18, 3)
	case kind < 19:
		idle(36, 3)
		u.Status, u.StatusSince, u.ArchiveCause = directory.Archived, day.AddDate(0, -18, 0), lifecycle.Inactivity
	default:
		u.PasswordSetAt = day.AddDate(0, 0, 14-maxAgeDays).Add(-time.Hour)
	}
}
