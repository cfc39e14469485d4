package store

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/text"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 123e6, time.UTC)

func fullUser() directory.User {
	return directory.User{
		Org: "bash-street", ID: "01kd0000000000000000000000", Username: "DSmit1259", GivenName: "Danny", FamilyName: "Smith",
		Email: "d.smith@bash-street.example", Status: directory.Active, Roles: []directory.RoleID{"user"}, MustChangePassword: true,
		PasswordSetAt: noon, SessionEpoch: 3, AgreedVersion: 2, LastSignInAt: noon.Add(time.Hour), CreatedAt: noon.Add(-time.Hour),
		CreatedBy: "01kd0000000000000000000001", Version: 7, Wants: directory.Communications{News: true, Digest: true},
	}
}

func richUser() directory.User {
	u := fullUser()
	u.More = map[directory.UserField]string{directory.FieldSite: "Annexe"}
	u.Granted = []directory.Grant{{Right: "pupils.view", ApprovedBy: "Virginia Head"}}
	u.Denied = []directory.Right{"reports.view"}
	u.Wants = directory.Communications{Newsletter: true}
	u.AllSchools, u.DefaultGroup = true, "01kd0000000000000000000002"
	u.Undeliverable = &directory.Undeliverable{Since: noon, Reason: directory.Bounced, Detail: "NoEmail: 5.1.1"}
	u.AddressAt = noon.Add(-time.Minute)
	return u
}

func there(t *testing.T, from, to any) {
	t.Helper()
	body, err := encode(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, to); err != nil {
		t.Fatal(err)
	}
}

func TestNothingIsLostOnTheWayToTheStoreAndBack(t *testing.T) {
	t.Parallel()
	u := richUser()
	var ur userRecord
	there(t, recordUser(u), &ur)
	if diff := cmp.Diff(u, ur.user(7)); diff != "" {
		t.Error(diff)
	}
	s := directory.Session{
		Org: u.Org, User: u.ID, ID: "ab", SecretHash: []byte{1}, Challenges: []directory.Challenge{directory.ChallengeAgreement},
		PasswordMark: []byte{2}, Epoch: 3, CreatedAt: noon, LastUsedAt: noon.Add(time.Second), Idle: 30 * time.Minute,
		EndsAt: noon.Add(time.Hour), From: directory.Origin{Address: "192.0.2.7", Agent: "school browser"}, Version: 7,
	}
	var sr sessionRecord
	there(t, recordSession(s), &sr)
	if diff := cmp.Diff(s, sr.session(7)); diff != "" {
		t.Error(diff)
	}
	jane := directory.Party{Org: u.Org, User: "01kd0000000000000000000001", Username: "JAdmi2885", Name: "Jane Admin"}
	for _, subject := range []directory.Party{jane, {Org: u.Org, User: u.ID, Username: u.Username, Name: u.Name()}, {}} {
		e := directory.Entry{
			ID: "x", Org: u.Org, At: noon, Action: directory.UserChanged, Actor: jane, Subject: subject,
			From: s.From, Before: map[string]string{"givenName": "Danny"}, After: map[string]string{"givenName": "Daniel"}, Note: "n",
		}
		var er entryRecord
		there(t, recordEntry(e), &er)
		if diff := cmp.Diff(e, er.entry()); diff != "" {
			t.Error(diff)
		}
	}
}

// What was written once must be readable for ever.
func TestRecordsOfTheFirstReleaseAreRead(t *testing.T) {
	t.Parallel()
	const old = `{"o":"bash-street","i":"01kd0000000000000000000000","u":"DSmit1259","g":"Danny","f":"Smith","e":"d.smith@bash-street.example",` +
		`"s":"active","r":["user"],"m":true,"p":1795262400123,"n":3,"a":2,"l":1795266000123,"c":1795258800123,"b":"01kd0000000000000000000001"}`
	var r userRecord
	if err := json.Unmarshal([]byte(old), &r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fullUser(), r.user(7)); diff != "" {
		t.Error(diff)
	}
	if body, err := encode(recordUser(fullUser())); err != nil || string(body) != old {
		t.Errorf("written now: %s, %v", body, err)
	}
}

// DynamoDB charges by the kilobyte, and a user is written six times: once in the table and once in each index.
func TestAUserStaysUnderAKilobyte(t *testing.T) {
	t.Parallel()
	u := fullUser()
	u.GivenName, u.FamilyName = "Wilhelmina-Theodora", "Featherstonehaugh"
	u.Email = "wilhelmina-theodora.featherstonehaugh@" + strings.Repeat("a", 20) + ".example"
	body, err := encode(recordUser(u))
	if err != nil {
		t.Fatal(err)
	}
	key := userKey(u.Org, u.ID)
	size := len(body) + len(key.Partition) + len(key.Sort)
	for _, p := range (&Store{fold: text.Fold}).positions(u) {
		size += len(p.Partition) + len(p.Sort)
	}
	const names = 100 // the attributes' names, the version and the commit token
	if size+names > 1024 {
		t.Errorf("%d bytes and %d for attributes, want at most 1024", size, names)
	}
	t.Logf("%d bytes", size+names)
}
