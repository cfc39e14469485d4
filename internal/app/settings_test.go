package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
)

func TestSettingsAreAuditedWithBeforeAndAfter(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	sue := p.council(t)
	sue.Rights = append(sue.Rights, directory.SettingsManage)
	policy := sue.Organisation.Policy
	policy.Sessions.IdleMinutes, policy.Passwords.MinLength = 15, 10
	if _, err := p.Directory.ChangeSettings(t.Context(), sue, policy, nil); err != nil {
		t.Fatal(err)
	}
	trail, err := p.Store.Trail(t.Context(), directory.TrailQuery{Org: "council", Limit: 1})
	entries := trail.Entries
	if err != nil || len(entries) != 1 || entries[0].Action != directory.SettingsChanged {
		t.Fatal(entries, err)
	}
	want := [2]map[string]string{
		{"sessions.idleMinutes": "30", "passwords.minLength": "8"}, {"sessions.idleMinutes": "15", "passwords.minLength": "10"},
	}
	if diff := cmp.Diff(want, [2]map[string]string{entries[0].Before, entries[0].After}); diff != "" {
		t.Error(diff)
	}
}
