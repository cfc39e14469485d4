package directory

import (
	"context"
	"time"
)

// Store keeps the domain's things. Reads see every Commit that returned, save Users and Organisations, which on
// DynamoDB may lag a moment. Every method may fail with kind Unavailable.
type Store interface {
	// Presence reads, in one round trip, what every request needs: the session, its user, the organisation, and those
	// of the same organisation that the request is about. What is missing is absent from the answer.
	Presence(ctx context.Context, org Slug, user UserID, session SessionID, about ...UserID) (Presence, error)
	// Door reads, in one round trip, what a sign-in starts from: the organisation and who holds the username.
	// NotFound if there is no such organisation; Holder is "" if nobody holds the name.
	Door(ctx context.Context, org Slug, username string) (Door, error)
	// Organisation fails with NotFound.
	Organisation(ctx context.Context, org Slug) (Organisation, error)
	// Organisations lists all, by slug; limit 1 to 200.
	Organisations(ctx context.Context, limit int, cursor string) (OrganisationPage, error)
	// User fails with NotFound.
	User(ctx context.Context, org Slug, id UserID) (User, error)
	// Users fails with Invalid for a damaged cursor.
	Users(ctx context.Context, q UserQuery) (UserPage, error)
	// Agreement reads one version; NotFound.
	Agreement(ctx context.Context, org Slug, version int) (Agreement, error)
	// Receipt reads what an idempotency key was used for; NotFound.
	Receipt(ctx context.Context, id ReceiptID) (Receipt, error)
	// Holders reads how many active holders each role has.
	Holders(ctx context.Context, org Slug, roles []RoleID) (map[RoleID]int64, error)
	// Looks reads what a user has looked up lately; the zero count if nothing.
	Looks(ctx context.Context, org Slug, user UserID) (Looks, error)
	// Schools lists schools by name; fails with Invalid for a damaged cursor.
	Schools(ctx context.Context, q SchoolQuery) (SchoolPage, error)
	// AllSchools reads every school of the organisation, at most MaxSchools, in no order.
	AllSchools(ctx context.Context, o Organisation) ([]School, error)
	// School reads one; NotFound.
	School(ctx context.Context, o Organisation, id SchoolID) (School, error)
	// Assignments reads a user's list of schools; an empty one if there is none.
	Assignments(ctx context.Context, org Slug, user UserID) (Assignments, error)
	// Posting reads, in one round trip, a school (Version 0 if there is none) and a user's list.
	Posting(ctx context.Context, o Organisation, user UserID, school SchoolID) (School, Assignments, error)
	// SchoolGroups lists the school groups by name, SchoolGroup reads one; NotFound.
	SchoolGroups(ctx context.Context, o Organisation) ([]SchoolGroup, error)
	SchoolGroup(ctx context.Context, o Organisation, id GroupID) (SchoolGroup, error)
	// Intents lists credential changes begun before the given moment and not closed, oldest first, at most limit.
	Intents(ctx context.Context, before time.Time, limit int) ([]Intent, error)

	// Commit stores a change with its audit entry, mails and receipt: all of it or nothing. It fails with Stale when
	// a record was changed in between, with ErrUsernameTaken when a new user's name is held, with ErrSlugTaken, and
	// with ErrReceiptTaken when the receipt's key was used in between.
	Commit(ctx context.Context, c Change) error
	// FillBook stores new schools in a book that no organisation has yet; when it fails, some of them may be there.
	FillBook(ctx context.Context, book string, schools []School) error
	// Begin notes that a credential is about to be changed, so that a crash half way can be healed.
	Begin(ctx context.Context, i Intent) error
	// Abandon forgets an intent of which nothing came.
	Abandon(ctx context.Context, i Intent) error
	// Touch stores the last use of a session, unless it was written by someone else in between, which is no error.
	Touch(ctx context.Context, s Session) error
}

// Presence is what every request needs.
type Presence struct {
	Organisation Organisation
	User         User
	Session      Session
	About        map[UserID]User
}

// Door is what a sign-in starts from.
type Door struct {
	Organisation Organisation
	Holder       UserID
}

// OrganisationPage is a page of organisations.
type OrganisationPage struct {
	Organisations []Organisation
	Next          string
}

// Change is one step in the life of the directory. Entries is never empty: nothing changes without a trace.
type Change struct {
	Entries []Entry
	Writes  []Write
	Mails   []Mail
	Receipt *Receipt
}

// Write is one of the Put… and other types below.
type Write interface{ write() }

// PutOrganisation creates an organisation (Version 0), claiming its slug for good, or changes it.
type PutOrganisation struct{ Organisation Organisation }

// PutUser creates a user (Version 0), claiming the username, or changes one.
type PutUser struct{ User User }

// CountHolders changes the number of active holders of a role by Delta; the Commit fails with Otherwise unless the outcome
// lies from Min to Max. A Delta of 0 only checks.
type CountHolders struct {
	Org             Slug
	Role            RoleID
	Delta, Min, Max int64
	Otherwise       error
}

// RemoveUser deletes a user. With KeepName the username stays taken.
type RemoveUser struct {
	User     User
	KeepName bool
}

// PutSession creates (Version 0) or changes a session.
type PutSession struct{ Session Session }

// EndSession deletes one session, if it is still there.
type EndSession struct{ Session Session }

// PutAgreement stores a new version of the conditions of use.
type PutAgreement struct{ Agreement Agreement }

// PutAcceptance stores that a user agreed.
type PutAcceptance struct{ Acceptance Acceptance }

// PutSchool creates (Version 0) or changes a school in the organisation's book of schools.
type PutSchool struct {
	Book   string
	School School
}

// RemoveSchool deletes a school.
type RemoveSchool struct {
	Book   string
	School School
}

// PutSchoolGroup creates (Version 0) or changes a school group.
type PutSchoolGroup struct {
	Book  string
	Group SchoolGroup
}

// RemoveSchoolGroup deletes a school group.
type RemoveSchoolGroup struct {
	Book  string
	Group SchoolGroup
}

// PutAssignments stores a user's list of schools.
type PutAssignments struct{ Assignments Assignments }

// PutLooks stores what a user has looked up.
type PutLooks struct{ Looks Looks }

// OpenIntent notes a credential change that follows the Commit.
type OpenIntent struct{ Intent Intent }

// CloseIntent says that the credential change is done.
type CloseIntent struct{ Intent Intent }

func (PutOrganisation) write()   {}
func (PutUser) write()           {}
func (CountHolders) write()      {}
func (RemoveUser) write()        {}
func (PutSession) write()        {}
func (EndSession) write()        {}
func (PutAgreement) write()      {}
func (PutAcceptance) write()     {}
func (PutLooks) write()          {}
func (PutSchool) write()         {}
func (RemoveSchool) write()      {}
func (PutSchoolGroup) write()    {}
func (RemoveSchoolGroup) write() {}
func (PutAssignments) write()    {}
func (OpenIntent) write()        {}
func (CloseIntent) write()       {}

// IntentKind says what is being done to a credential.
type IntentKind string

// What can be done to a credential.
const (
	CreateCredential IntentKind = "create"
	ChangeCredential IntentKind = "change"
	DeleteCredential IntentKind = "delete"
)

// Intent notes a change of a credential before it is made. The store and the pool share no transaction; an intent that
// is still there some minutes later tells that one was interrupted, and Heal puts it right.
type Intent struct {
	ID   string // in time order
	Kind IntentKind
	Org  Slug
	User UserID
	At   time.Time
}

// ReceiptID names an idempotency key within what it counts for.
type ReceiptID struct {
	Org       Slug
	User      UserID
	Operation string
	Key       string
}

// Receipt remembers the answer to a request that carried an idempotency key.
type Receipt struct {
	ReceiptID
	Fingerprint string // of the request
	Answer      []byte
	Until       time.Time // then the key is free again
	Version     int64
}

// Errors by which Commit tells what stood in the way.
var (
	ErrUsernameTaken = &Error{Kind: Conflict, Code: "username_taken", Detail: "This username is already in use."}
	ErrSlugTaken     = &Error{Kind: Conflict, Code: "slug_taken", Detail: "This short name belongs to another organisation."}
	ErrReceiptTaken  = &Error{Kind: Conflict, Code: "idempotency_key_in_use", Detail: "A request with this key is being dealt with."}
	ErrStale         = &Error{Kind: Stale, Code: "stale_version", Detail: "Someone else changed this in between. Please look at the new state and try again."}
	ErrNotFound      = &Error{Kind: NotFound, Code: "not_found", Detail: "There is no such thing here."}
)

var errNotSignedIn = &Error{Kind: NotSignedIn, Code: "not_signed_in", Detail: "Please sign in."}
