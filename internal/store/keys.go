package store

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// What is kept where. A partition holds what is read together; parts are joined by Join.
//
//	org#slug               organisation           the organisation; index byName: organisations, slug; byGiven, if others may look: open#preset, name; byDue: replan
//	org#slug               agreement#000001       a version of its conditions of use
//	org#slug               count#users            how many users it has; count#archived: and archived ones
//	org#slug               holders#role           how many active users have a role
//	user#slug#id           user                   a user; indexes byName … bySeen: users#slug or archived#slug; byDue: due#shard, time#id
//	user#slug#id           session#id             a session; expires
//	user#slug#id           acceptance#000001#id that the user agreed
//	user#slug#id           schools                the schools on a user's list; index byName: assigned#slug
//	user#slug#id           browser#id             a browser in which the user is known; expires
//	user#slug#id           factors                the user's second factors
//	user#slug#id           link                   the link mailed to the user to choose a password by; expires
//	user#slug#id           passwords              hashes of earlier passwords, where the policy refuses them
//	org#slug               administrator#id       that a user is an administrator
//	guard#slug#mark        failures               wrong passwords and codes under a name; expires
//	quota#slug#what#who    used                   what was used of an allowance; expires
//	ticket#kind#id         ticket                 something begun that a later request ends; expires
//	visits#slug            id                     a support session
//	schools#slug#book      school#id              a school; index byName: schools#slug#book
//	schools#slug#book      group#id               a school group
//	name#slug#folded       holder                 who has, or had, a username; of those who had it, index byName: names#slug
//	closed#slug            organisation           an organisation that was closed; index byName: closed, slug; byDue: erasing, time#slug
//	audit#slug             id                     a line of the audit trail; index byName: about#slug#user, id; byGiven: by#slug#user, id
//	outbox#slug#user       id                     a mail; index byDue while unsent: unsent#shard, time#id
//	announcements#slug     id                     an announcement, to all organisations with slug ""; expires; byDue while it is being written: announcing, time#slug#id
//	receipt#slug#user      operation#key          an answer to a request with an idempotency key; expires
//	turns#name             until                  up to when spans of time are taken
//	intents                time#id                a credential change under way
//	vault#kind#id          kept                   what the embedded credentials keep
const (
	byName     = engine.Index1
	byGiven    = engine.Index2
	byUsername = engine.Index3
	byEmail    = engine.Index4
	bySeen     = engine.Index5
	byDue      = engine.Index6
)

const (
	separator   = '#'
	unsentParts = 4 // shards of the unsent mails, so that a large sending is not one hot partition
)

// Join makes one text of parts so that different parts make different texts. Parts keep
// their order: texts compare as their parts do, as far as no part holds '#' or '%'.
func Join(parts ...string) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte(separator)
		}
		b.WriteString(escaper.Replace(p))
	}
	return b.String()
}

var escaper = strings.NewReplacer("%", "%25", "#", "%23")

// openPartition is where the organisations of a preset are listed that let each other look at their users.
func openPartition(preset string) string { return Join("open", preset) }

func organisationKey(o directory.Slug) engine.Key {
	return engine.Key{Partition: Join("org", string(o)), Sort: "organisation"}
}

// listPartition is where users are listed: archived ones apart from all others.
func listPartition(o directory.Slug, s directory.Status) string {
	if s == directory.Archived {
		return Join("archived", string(o))
	}
	return Join("users", string(o))
}

// userCountKey counts the users of a list.
func userCountKey(o directory.Slug, s directory.Status) engine.Key {
	what := "users"
	if s == directory.Archived {
		what = "archived"
	}
	return engine.Key{Partition: Join("org", string(o)), Sort: Join("count", what)}
}

func holdersKey(o directory.Slug, role directory.RoleID) engine.Key {
	return engine.Key{Partition: Join("org", string(o)), Sort: Join("holders", string(role))}
}

// maxAgreements is how many versions an agreementKey has room for.
const maxAgreements = 999_999

func agreementKey(o directory.Slug, version int) engine.Key {
	return engine.Key{Partition: Join("org", string(o)), Sort: Join("agreement", fmt.Sprintf("%06d", version))}
}

func userPartition(o directory.Slug, u directory.UserID) string {
	return Join("user", string(o), string(u))
}

func userKey(o directory.Slug, u directory.UserID) engine.Key {
	return engine.Key{Partition: userPartition(o, u), Sort: "user"}
}

func sessionKey(o directory.Slug, u directory.UserID, s directory.SessionID) engine.Key {
	return engine.Key{Partition: userPartition(o, u), Sort: Join("session", string(s))}
}

func browserKey(o directory.Slug, u directory.UserID, b directory.SessionID) engine.Key {
	return engine.Key{Partition: userPartition(o, u), Sort: Join("browser", string(b))}
}

func factorsKey(o directory.Slug, u directory.UserID) engine.Key {
	return engine.Key{Partition: userPartition(o, u), Sort: "factors"}
}

func linkKey(o directory.Slug, u directory.UserID) engine.Key {
	return engine.Key{Partition: userPartition(o, u), Sort: "link"}
}

func oldPasswordsKey(o directory.Slug, u directory.UserID) engine.Key {
	return engine.Key{Partition: userPartition(o, u), Sort: "passwords"}
}

func administratorKey(o directory.Slug, u directory.UserID) engine.Key {
	return engine.Key{Partition: Join("org", string(o)), Sort: Join("administrator", string(u))}
}

func failuresKey(o directory.Slug, guard string) engine.Key {
	return engine.Key{Partition: Join("guard", string(o), guard), Sort: "failures"}
}

func quotaKey(q directory.QuotaKey) engine.Key {
	return engine.Key{Partition: Join("quota", string(q.Org), q.What, q.Who), Sort: "used"}
}

func turnsKey(name string) engine.Key {
	return engine.Key{Partition: Join("turns", name), Sort: "until"}
}

func ticketKey(kind directory.TicketKind, id string) engine.Key {
	return engine.Key{Partition: Join("ticket", string(kind), id), Sort: "ticket"}
}

func visitKey(o directory.Slug, id directory.VisitID) engine.Key {
	return engine.Key{Partition: Join("visits", string(o)), Sort: string(id)}
}

func acceptanceKey(a directory.Acceptance) engine.Key {
	return engine.Key{
		Partition: userPartition(a.Org, a.User),
		Sort:      Join("acceptance", fmt.Sprintf("%06d", a.Version), a.ID),
	}
}

func nameKey(o directory.Slug, username string) engine.Key {
	return engine.Key{Partition: Join("name", string(o), directory.FoldName(username)), Sort: "holder"}
}

// formerNames is where usernames are listed that nobody has any more and nobody gets.
func formerNames(o directory.Slug) string { return Join("names", string(o)) }

func entryKey(e directory.Entry) engine.Key {
	return engine.Key{Partition: auditPartition(e.Org), Sort: e.ID}
}

func auditPartition(o directory.Slug) string { return Join("audit", string(o)) }

func aboutPartition(o directory.Slug, u directory.UserID) string {
	return Join("about", string(o), string(u))
}

func byPartition(o directory.Slug, u directory.UserID) string {
	return Join("by", string(o), string(u))
}

func mailKey(o directory.Slug, u directory.UserID, id string) engine.Key {
	return engine.Key{Partition: outboxPartition(o, u), Sort: id}
}

func outboxPartition(o directory.Slug, u directory.UserID) string {
	return Join("outbox", string(o), string(u))
}

func announcementKey(k directory.AnnouncementKey) engine.Key {
	return engine.Key{Partition: Join("announcements", string(k.Org)), Sort: k.ID}
}

func receiptKey(r directory.ReceiptID) engine.Key {
	return engine.Key{Partition: Join("receipt", string(r.Org), string(r.User)), Sort: Join(r.Operation, r.Key)}
}

func intentKey(i directory.Intent) engine.Key {
	return engine.Key{Partition: "intents", Sort: Join(stamp(i.At), i.ID)}
}

// stamp writes a moment so that texts sort by time.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// shardOf spreads ids over partitions.
func shardOf(id string, parts uint32) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % parts)
}

func duePartition(n int) string { return Join("due", fmt.Sprint(n)) }

func unsentPartition(n int) string { return Join("unsent", fmt.Sprint(n)) }
