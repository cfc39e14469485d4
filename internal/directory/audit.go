package directory

import "time"

// Action names what happened, as noun.verb in the past; it is stored and shown, so it is never renamed.
type Action string

// What can happen.
const (
	SignInSucceeded      Action = "signIn.succeeded"
	SignInFailed         Action = "signIn.failed"
	SignInChallenged     Action = "signIn.challenged"
	SignedOut            Action = "session.ended"
	PasswordChanged      Action = "password.changed"
	PasswordReset        Action = "password.reset"
	PasswordInterrupted  Action = "password.interrupted"
	AgreementAccepted    Action = "agreement.accepted"
	AgreementRefused     Action = "agreement.refused"
	AgreementPublished   Action = "agreement.published"
	UserCreated          Action = "user.created"
	UserChanged          Action = "user.changed"
	UserDeleted          Action = "user.deleted"
	OrganisationCreated  Action = "organisation.created"
	OrganisationChanged  Action = "organisation.changed"
	OrganisationClosed   Action = "organisation.closed"
	OrganisationReopened Action = "organisation.reopened"
	OrganisationErasing  Action = "organisation.erasing"
	OrganisationErased   Action = "organisation.erased"
	DirectoryRead        Action = "directory.read"
	SettingsChanged      Action = "settings.changed"
	RoleCreated          Action = "role.created"
	RoleChanged          Action = "role.changed"
	RoleDeleted          Action = "role.deleted"
	SchoolChanged        Action = "school.changed"
	SchoolDeleted        Action = "school.deleted"
	SchoolsAssigned      Action = "schools.assigned"
	SchoolGroupChanged   Action = "schoolGroup.changed"
	SchoolGroupDeleted   Action = "schoolGroup.deleted"
	ContactSent          Action = "contact.sent"
	AnnouncementSent     Action = "announcement.sent"
	Unsubscribed         Action = "communications.unsubscribed" // by the link of a mail
	CredentialDropped    Action = "credential.dropped"

	SignInBarred           Action = "signIn.barred"
	SignInRefused          Action = "signIn.refused" // with the right password, but without access
	SessionsEnded          Action = "sessions.ended"
	IdentityConfirmed      Action = "identity.confirmed"
	UserSuspended          Action = "user.suspended"
	UserReinstated         Action = "user.reinstated"
	UserArchived           Action = "user.archived"
	UserRestored           Action = "user.restored"
	UserUnlocked           Action = "user.unlocked"
	UserWarned             Action = "user.warned"
	UserPurged             Action = "user.purged"
	UserKept               Action = "user.kept"          // was to be archived, and somebody must have the role
	UserUndeliverable      Action = "user.undeliverable" // the address bounced, or complained
	PurgeHeld              Action = "purge.held"
	DigestSent             Action = "digest.sent"
	PasswordLinkAsked      Action = "passwordLink.asked"
	PasswordChosen         Action = "password.chosen" // through a mailed link
	PasswordExpiring       Action = "password.expiring"
	SecondFactorAdded      Action = "secondFactor.added"
	SecondFactorRemoved    Action = "secondFactor.removed"
	SecondFactorReset      Action = "secondFactor.reset"
	SecondFactorExempted   Action = "secondFactor.exempted"
	RecoveryCodesMade      Action = "recoveryCodes.made"
	RecoveryCodeUsed       Action = "recoveryCode.used"
	ElevationOpened        Action = "elevation.opened"
	ElevationFailed        Action = "elevation.failed"
	SecurityCodeChanged    Action = "securityCode.changed"
	StandardCodeChanged    Action = "standardCode.changed"
	IdentityLinked         Action = "identity.linked"
	IdentityUnlinked       Action = "identity.unlinked"
	IdentityRefused        Action = "identity.refused"
	IdentityProviderChange Action = "identityProvider.changed"
	SupportOpened          Action = "support.opened"
	SupportClosed          Action = "support.closed"
	SupportEntered         Action = "support.entered"
	SupportLeft            Action = "support.left"
)

// Origin is where a request came from.
type Origin struct {
	Address string // IP address
	Agent   string // user agent, cut to 200 characters
}

// Party is someone in the audit trail, with the names of the time, so that a later deletion cannot blank history.
type Party struct {
	Org      Slug
	User     UserID
	Username string
	Name     string
}

// System is the party for what the service does by itself.
var System = Party{Name: "Caretaker"}

// Entry is one line of the audit trail. It is stored in the same Commit as what it tells of.
type Entry struct {
	ID      string // in time order
	Org     Slug
	At      time.Time
	Action  Action
	Actor   Party
	Subject Party
	From    Origin
	// Before and After hold the details that changed; never a secret.
	Before, After map[string]string
	// Note says why, or how it went, in words.
	Note string
	// Visit is the support session in which it was done; "" outside of one. The actor is then the operator.
	Visit VisitID
}

func partyOf(u User) Party {
	if u.ID == "" { // about the organisation, or nobody
		return Party{Org: u.Org}
	}
	return Party{Org: u.Org, User: u.ID, Username: u.Username, Name: u.Name()}
}

// difference fills Before and After with the details in which two states of a user differ.
func (e *Entry) difference(before, after User) {
	e.Before, e.After = map[string]string{}, map[string]string{}
	a, b := details(before), details(after)
	for _, fields := range []map[string]string{a, b} {
		for field := range fields {
			if a[field] != b[field] {
				e.Before[field], e.After[field] = a[field], b[field]
			}
		}
	}
}
