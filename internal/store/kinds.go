package store

import (
	"encoding/json"
	"strings"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// kind is one of those that keys.go lists: how its keys are recognised, and how its body is read.
type kind struct {
	name   string // the first two columns of the list, one space between
	first  string // of the partition's parts; the whole of them where there is one
	sort   string // "": any
	prefix bool   // sort is only how it begins
	read   func(engine.Record) (any, error)
}

// into reads a body as JSON.
func into[T any](r engine.Record) (any, error) {
	var value T
	err := decode(r, &value)
	return value, err
}

// as reads a body with a function that has more to do.
func as[T any](read func(engine.Record) (T, error)) func(engine.Record) (any, error) {
	return func(r engine.Record) (any, error) { return read(r) }
}

// counted reads a record that is a number.
func counted(r engine.Record) (any, error) { return r.Count, nil }

// kinds are in the order of the list; the first that fits is the one.
var kinds = []kind{
	{"org#slug organisation", "org", "organisation", false, as(decodeOrganisation)},
	{"org#slug agreement#000001", "org", "agreement#", true, into[directory.Agreement]},
	{"org#slug count#users", "org", "count#", true, counted},
	{"org#slug holders#role", "org", "holders#", true, counted},
	{"user#slug#id user", "user", "user", false, as(decodeUser)},
	{"user#slug#id session#id", "user", "session#", true, as(decodeSession)},
	{"user#slug#id acceptance#000001#id", "user", "acceptance#", true, into[directory.Acceptance]},
	{"user#slug#id schools", "user", "schools", false, as(decodeAssignments)},
	{"user#slug#id browser#id", "user", "browser#", true, into[directory.Browser]},
	{"user#slug#id factors", "user", "factors", false, into[directory.Factors]},
	{"user#slug#id link", "user", "link", false, into[directory.PasswordLink]},
	{"user#slug#id passwords", "user", "passwords", false, into[directory.OldPasswords]},
	{"org#slug administrator#id", "org", "administrator#", true, into[holder]},
	{"guard#slug#mark failures", "guard", "failures", false, into[directory.Failures]},
	{"quota#slug#what#who used", "quota", "used", false, into[directory.Quota]},
	{"ticket#kind#id ticket", "ticket", "ticket", false, into[directory.Ticket]},
	{"visits#slug id", "visits", "", false, into[visitRecord]},
	{"schools#slug#book school#id", "schools", "school#", true, as(decodeSchool)},
	{"schools#slug#book group#id", "schools", "group#", true, into[directory.SchoolGroup]},
	{"name#slug#folded holder", "name", "holder", false, into[holder]},
	{"closed#slug organisation", "closed", "organisation", false, as(decodeClosed)},
	{"audit#slug id", "audit", "", false, as(decodeEntry)},
	{"outbox#slug#user id", "outbox", "", false, as(decodeMail)},
	{"announcements#slug id", "announcements", "", false, as(decodeAnnouncement)},
	{"receipt#slug#user operation#key", "receipt", "", false, into[directory.Receipt]},
	{"turns#name until", "turns", "until", false, into[turns]},
	{"intents time#id", "intents", "", false, into[directory.Intent]},
	{"vault#kind#id kept", "vault", "kept", false, into[json.RawMessage]},
}

// kindOf finds the kind of a key; false for one that this version does not know.
func kindOf(k engine.Key) (kind, bool) {
	first, _, _ := strings.Cut(k.Partition, string(separator))
	for _, one := range kinds {
		fits := one.sort == "" || k.Sort == one.sort || one.prefix && strings.HasPrefix(k.Sort, one.sort)
		if one.first == first && fits {
			return one, true
		}
	}
	return kind{}, false
}

// readAny reads a record of whatever kind, and says which.
func readAny(r engine.Record) (name string, value any, err error) {
	k, known := kindOf(r.Key)
	if !known {
		return "", nil, unknownKind(r.Key)
	}
	value, err = k.read(r)
	return k.name, value, err
}
