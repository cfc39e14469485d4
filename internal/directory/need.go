package directory

// Need is something that a request will ask the store for. What is read ahead, together with what has to be read anyway,
// takes no round trip of its own when it is asked for.
type Need interface{ need() }

// NeedOrganisation is what Organisation, and Door, will ask for.
type NeedOrganisation struct{ Org Slug }

// NeedName is the holder of a username, folded, that Door will ask for.
type NeedName struct {
	Org      Slug
	Username string
}

// NeedUser is what User will ask for.
type NeedUser struct {
	Org  Slug
	User UserID
}

// NeedProofs are a user's second factors with the failures of that user: what Proofs will ask for.
type NeedProofs struct {
	Org  Slug
	User UserID
}

// NeedFailures is what Failures will ask for.
type NeedFailures struct {
	Org   Slug
	Guard string
}

// NeedOldPasswords is what OldPasswords will ask for.
type NeedOldPasswords struct {
	Org  Slug
	User UserID
}

// NeedLink is what LinkAt will ask for.
type NeedLink struct {
	Org  Slug
	User UserID
}

// NeedTicket is what Ticket will ask for.
type NeedTicket struct {
	Kind TicketKind
	ID   string
}

// NeedAssignments is what Assignments, and Posting, will ask for.
type NeedAssignments struct {
	Org  Slug
	User UserID
}

// NeedAdministrators is the list that Administrators will ask for; the users on it are read then.
type NeedAdministrators struct{ Org Slug }

// NeedKept is all that is kept under a user who is about to be deleted: it goes in the same Commit.
type NeedKept struct {
	Org  Slug
	User UserID
}

func (NeedOrganisation) need()   {}
func (NeedName) need()           {}
func (NeedUser) need()           {}
func (NeedProofs) need()         {}
func (NeedFailures) need()       {}
func (NeedOldPasswords) need()   {}
func (NeedLink) need()           {}
func (NeedTicket) need()         {}
func (NeedAssignments) need()    {}
func (NeedAdministrators) need() {}
func (NeedKept) need()           {}
func (QuotaKey) need()           {}
func (ReceiptID) need()          {}

// Bearer is who a session's cookie names, before anything was looked up.
type Bearer struct {
	Org, Home Slug // as in PresenceQuery
	User      UserID
	Session   SessionID
}
