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
	Presence(ctx context.Context, q PresenceQuery) (Presence, error)
	// Ahead reads, in one round trip, what the request will ask for: the first question for each of these is then answered
	// without another one, unless the request has committed something in between.
	Ahead(ctx context.Context, needs ...Need) error
	// Door reads, in one round trip, what a sign-in starts from: the organisation and who holds the username.
	// NotFound if there is no such organisation; Holder is "" if nobody holds the name.
	Door(ctx context.Context, org Slug, username string) (Door, error)
	// Acquaintance reads, in one round trip, a user, one of the browsers the user is known in, and the failures counted
	// under a guard; what is missing has Version 0.
	Acquaintance(ctx context.Context, org Slug, user UserID, browser SessionID, guard string) (User, Browser, Failures, error)
	// Failures reads what is counted under a guard; the zero count if nothing.
	Failures(ctx context.Context, org Slug, guard string) (Failures, error)
	// Proofs reads, in one round trip, a user's second factors and the failures counted under a guard.
	Proofs(ctx context.Context, org Slug, user UserID, guard string) (Factors, Failures, error)
	// Sessions reads all sessions of a user that were not dropped yet, ended ones too.
	Sessions(ctx context.Context, org Slug, user UserID) ([]Session, error)
	// LinkAt reads, in one round trip, an organisation, a user and the user's password link; what is missing has Version 0.
	LinkAt(ctx context.Context, org Slug, user UserID) (Organisation, User, PasswordLink, error)
	// PutLink replaces a user's password link.
	PutLink(ctx context.Context, l PasswordLink) error
	// Ticket reads a ticket; NotFound. SpendTicket deletes it; Stale when it was spent in between.
	Ticket(ctx context.Context, kind TicketKind, id string) (Ticket, error)
	PutTicket(ctx context.Context, t Ticket) error
	SpendTicket(ctx context.Context, t Ticket) error
	// OldPasswords reads the hashes of a user's earlier passwords; none if there are none.
	OldPasswords(ctx context.Context, org Slug, user UserID) (OldPasswords, error)
	// Administrators reads the users listed as administrators, of any status, at most MaxAdministrators.
	Administrators(ctx context.Context, org Slug) ([]User, error)
	// UsersByEmail reads the users with exactly this address, at most 10.
	UsersByEmail(ctx context.Context, org Slug, email string) ([]User, error)
	// Quotas reads counts in the order asked for; the zero count where there is none.
	Quotas(ctx context.Context, keys ...QuotaKey) ([]Quota, error)
	// Visits lists support sessions in an organisation, newest first; fails with Invalid for a damaged cursor.
	Visits(ctx context.Context, org Slug, limit int, cursor string) (VisitPage, error)
	// Trail lists entries of the audit trail, newest first; fails with Invalid for a damaged cursor.
	Trail(ctx context.Context, q TrailQuery) (TrailPage, error)
	// Acceptances lists which versions of the conditions of use a user accepted, newest version first.
	Acceptances(ctx context.Context, org Slug, user UserID) ([]Acceptance, error)
	// Organisation fails with NotFound.
	Organisation(ctx context.Context, org Slug) (Organisation, error)
	// Organisations lists all, by slug; limit 1 to 200.
	Organisations(ctx context.Context, limit int, cursor string) (OrganisationPage, error)
	// OpenOrganisations lists those that let others of their preset look at their users, by name; Invalid for a damaged cursor.
	OpenOrganisations(ctx context.Context, q OpenQuery) (OrganisationPage, error)
	// UsersNamed reads those of the named users that there are.
	UsersNamed(ctx context.Context, org Slug, ids []UserID) ([]User, error)
	// User fails with NotFound.
	User(ctx context.Context, org Slug, id UserID) (User, error)
	// Users fails with Invalid for a damaged cursor.
	Users(ctx context.Context, q UserQuery) (UserPage, error)
	// Agreement reads one version; NotFound.
	Agreement(ctx context.Context, org Slug, version int) (Agreement, error)
	// Agreements lists the versions, newest first; fails with Invalid for a damaged cursor.
	Agreements(ctx context.Context, org Slug, limit int, cursor string) (AgreementPage, error)
	// Receipt reads what an idempotency key was used for; NotFound.
	Receipt(ctx context.Context, id ReceiptID) (Receipt, error)
	// Holders reads how many active holders each role has.
	Holders(ctx context.Context, org Slug, roles []RoleID) (map[RoleID]int64, error)
	// Schools lists schools by name; fails with Invalid for a damaged cursor.
	Schools(ctx context.Context, q SchoolQuery) (SchoolPage, error)
	// AllSchools reads every school of the organisation, at most MaxSchools, in no order.
	AllSchools(ctx context.Context, o Organisation) ([]School, error)
	// SchoolsNamed reads those of the named schools that there are, in no order.
	SchoolsNamed(ctx context.Context, o Organisation, ids []SchoolID) ([]School, error)
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

	// Due lists users to whom something is due at a time, the longest due first, of one of DueParts parts that they are
	// spread over; next is the cursor of the next page.
	Due(ctx context.Context, at time.Time, part, limit int, cursor string) (users []User, next string, err error)
	// Replanning lists organisations whose users wait to be planned anew, at most limit.
	Replanning(ctx context.Context, limit int) ([]Organisation, error)
	// Replan stores users with another DueAt, or count of ExpiryMails, and nothing else; one that was changed in between is
	// left as it is.
	Replan(ctx context.Context, users []PutUser) error
	// Erase deletes all that is kept under the deleted user of an intent, such as sessions, browsers and letters, and closes
	// the intent.
	Erase(ctx context.Context, i Intent) error
	// Redact takes a deleted user's names and details out of the audit trail; who did what, by number, and when stays.
	Redact(ctx context.Context, org Slug, user UserID) error
	// PutReplanned stores how far an organisation's users were planned anew; Stale.
	PutReplanned(ctx context.Context, o Organisation) error

	// ClosedOrganisation reads one; NotFound. ClosedOrganisations lists those that are not erased yet, by slug; Erasable those
	// whose erasure is due, the longest due first.
	ClosedOrganisation(ctx context.Context, slug Slug) (ClosedOrganisation, error)
	ClosedOrganisations(ctx context.Context, limit int, cursor string) (ClosedPage, error)
	Erasable(ctx context.Context, at time.Time, limit int) ([]ClosedOrganisation, error)
	// Forget deletes what is kept about a user elsewhere than under the user: the claim on the username, failures, receipts.
	Forget(ctx context.Context, u User) error
	// EraseOrganisation deletes a batch of what is kept under an organisation, once its users are gone: the trail, schools,
	// announcements, and so on; more tells whether there may be more.
	EraseOrganisation(ctx context.Context, o Organisation) (more bool, err error)

	// Announcement reads one, of an organisation or, with "", to all organisations; NotFound.
	Announcement(ctx context.Context, k AnnouncementKey) (Announcement, error)
	// Announcements lists them, newest first; fails with Invalid for a damaged cursor.
	Announcements(ctx context.Context, org Slug, limit int, cursor string) (AnnouncementPage, error)
	// Announcing lists those that are being written and got no further since the given moment, at most limit.
	Announcing(ctx context.Context, before time.Time, limit int) ([]Announcement, error)
	// PutAnnounced stores how far an announcement is written, together with the mails it has come by; Stale.
	PutAnnounced(ctx context.Context, a Announcement, mails []Mail) error

	// Commit stores a change with its audit entry, mails and receipt: all of it or nothing. It fails with Stale when
	// a record was changed in between, with ErrUsernameTaken when a new user's name is held, with ErrSlugTaken, and
	// with ErrReceiptTaken when the receipt's key was used in between.
	Commit(ctx context.Context, c Change) error
	// FillBook stores new schools in a book that no organisation has yet; when it fails, some of them may be there.
	FillBook(ctx context.Context, book string, schools []School) error
	// Begin notes that a credential is about to be changed, so that a crash half way can be healed, together with what the
	// change hangs on: a link that it uses up, failures that must not have grown. Stale when they have, or the link is gone.
	Begin(ctx context.Context, i Intent, on ...Write) error
	// Abandon forgets an intent of which nothing came, and puts the link back.
	Abandon(ctx context.Context, i Intent, l *PasswordLink) error
	// Touch stores the last use of a session; Stale when it was written by someone else in between.
	Touch(ctx context.Context, s Session) error
}

// PresenceQuery names what every request needs. Home is the organisation in which the user has the account: Org, but in a
// support session.
type PresenceQuery struct {
	Org, Home Slug
	User      UserID
	Session   SessionID
	About     []UserID
	Failures  bool // those of the user too
	Ahead     []Need
}

// Presence is what every request needs.
type Presence struct {
	Organisation Organisation
	User         User
	Session      Session
	About        map[UserID]User
	Failures     Failures
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

// CloseOrganisation puts an organisation among the closed ones; ReopenOrganisation takes it back; PutClosed stores how far its
// erasure is.
type CloseOrganisation struct{ Closed ClosedOrganisation }

// ReopenOrganisation is the opposite of CloseOrganisation.
type ReopenOrganisation struct{ Closed ClosedOrganisation }

// PutClosed changes a closed organisation.
type PutClosed struct{ Closed ClosedOrganisation }

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

// PutQuota stores what was used of an allowance.
type PutQuota struct{ Quota Quota }

// ListAdministrator lists a user as administrator of the organisation, or takes the user off the list.
type ListAdministrator struct {
	Org    Slug
	User   UserID
	Listed bool
}

// PutFailures stores what was counted; the Commit fails with Stale when it was changed in between.
type PutFailures struct{ Failures Failures }

// HoldFailures demands that they were not changed in between.
type HoldFailures struct{ Failures Failures }

// SpendFailures forgets them, on the same condition.
type SpendFailures struct{ Failures Failures }

// ForgetFailures forgets whatever is counted under a guard.
type ForgetFailures struct {
	Org  Slug
	Name string
}

// PutBrowser stores a browser in which a user is known.
type PutBrowser struct{ Browser Browser }

// PutFactors stores a user's second factors.
type PutFactors struct{ Factors Factors }

// RemoveFactors deletes them, if there are any.
type RemoveFactors struct {
	Org  Slug
	User UserID
}

// PutOldPasswords stores the hashes of earlier passwords.
type PutOldPasswords struct{ OldPasswords OldPasswords }

// PutVisit creates (Version 0) or changes the record of a support session.
type PutVisit struct{ Visit Visit }

// SpendLink uses a password link up; the Commit fails with Stale when it was used, or replaced, in between.
type SpendLink struct{ Link PasswordLink }

// PutTicket keeps a new ticket.
type PutTicket struct{ Ticket Ticket }

// SpendTicket uses a ticket up; the Commit fails with Otherwise when it was spent in between.
type SpendTicket struct {
	Ticket    Ticket
	Otherwise error
}

// PutAnnouncement creates an announcement; the change feed then has its mails written.
type PutAnnouncement struct{ Announcement Announcement }

// MoveUser keeps count of the two lists when a user goes to the archive or comes from there.
type MoveUser struct {
	Org      Slug
	From, To Status
}

// PutDecoy writes what a mail to nobody would, so that a name that nobody has takes as long as one that somebody has.
type PutDecoy struct{ Mail Mail }

// OpenIntent notes a credential change that follows the Commit.
type OpenIntent struct{ Intent Intent }

// CloseIntent says that the credential change is done.
type CloseIntent struct{ Intent Intent }

func (PutOrganisation) write()    {}
func (CloseOrganisation) write()  {}
func (ReopenOrganisation) write() {}
func (PutClosed) write()          {}
func (PutUser) write()            {}
func (CountHolders) write()       {}
func (RemoveUser) write()         {}
func (PutSession) write()         {}
func (EndSession) write()         {}
func (PutAgreement) write()       {}
func (PutAcceptance) write()      {}
func (PutQuota) write()           {}
func (ListAdministrator) write()  {}
func (PutFailures) write()        {}
func (HoldFailures) write()       {}
func (SpendFailures) write()      {}
func (ForgetFailures) write()     {}
func (PutBrowser) write()         {}
func (PutFactors) write()         {}
func (RemoveFactors) write()      {}
func (PutOldPasswords) write()    {}
func (PutVisit) write()           {}
func (SpendLink) write()          {}
func (MoveUser) write()           {}
func (PutAnnouncement) write()    {}
func (PutDecoy) write()           {}
func (PutSchool) write()          {}
func (RemoveSchool) write()       {}
func (PutSchoolGroup) write()     {}
func (RemoveSchoolGroup) write()  {}
func (PutAssignments) write()     {}
func (OpenIntent) write()         {}
func (CloseIntent) write()        {}
func (PutTicket) write()          {}
func (SpendTicket) write()        {}

// IntentKind says what is being done to a credential.
type IntentKind string

// What can be done to a credential.
const (
	CreateCredential IntentKind = "create"
	ChangeCredential IntentKind = "change"
	DeleteCredential IntentKind = "delete"
)

// DueParts is how many parts those are spread over to whom something is due.
const DueParts = 8

// Intent notes a change of a credential before it is made. The store and the pool share no transaction; an intent that
// is still there some minutes later tells that one was interrupted, and Heal puts it right.
type Intent struct {
	ID   string // in time order
	Kind IntentKind
	Org  Slug
	User UserID
	At   time.Time
	// Redact has the audit trail of a deleted user redacted too.
	Redact bool
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
