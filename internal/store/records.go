package store

import (
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/lifecycle"
)

// The records that are written most have a form of their own: short names and no empty fields keep a user with all its
// index positions under one kilobyte, which is what DynamoDB charges a write for, and again in each of five indexes.
// Names are never given a second meaning; a record without the newest field reads as one that does not have it.

// moment is a time in milliseconds since 1970; 0 is the zero time.
type moment int64

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(t.UnixMilli())
}

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

type userRecord struct {
	Org           directory.Slug                 `json:"o"`
	ID            directory.UserID               `json:"i"`
	Username      string                         `json:"u"`
	GivenName     string                         `json:"g"`
	FamilyName    string                         `json:"f"`
	Email         string                         `json:"e"`
	Status        directory.Status               `json:"s"`
	Roles         []directory.RoleID             `json:"r,omitempty"`
	More          map[directory.UserField]string `json:"x,omitempty"`
	Granted       []grantRecord                  `json:"G,omitempty"`
	Denied        []directory.Right              `json:"D,omitempty"`
	AllSchools    bool                           `json:"S,omitempty"`
	NoNews        bool                           `json:"N,omitempty"`
	Newsletter    bool                           `json:"L,omitempty"`
	NoDigest      bool                           `json:"Q,omitempty"`
	DefaultGroup  directory.GroupID              `json:"d,omitempty"`
	MustChange    bool                           `json:"m,omitempty"`
	PasswordSetAt moment                         `json:"p,omitempty"`
	SessionEpoch  int64                          `json:"n,omitempty"`
	AgreedVersion int                            `json:"a,omitempty"`
	LastSignInAt  moment                         `json:"l,omitempty"`
	CreatedAt     moment                         `json:"c"`
	CreatedBy     directory.UserID               `json:"b,omitempty"`
	StatusSince   moment                         `json:"t,omitempty"`
	EndsAt        moment                         `json:"E,omitempty"`
	IdleMinutes   int                            `json:"I,omitempty"`
	ExpiryMails   int                            `json:"M,omitempty"`
	TOTP          bool                           `json:"T,omitempty"`
	Passkeys      int                            `json:"P,omitempty"`
	RecoveryCodes int                            `json:"R,omitempty"`
	Exemption     *exemptionRecord               `json:"X,omitempty"`
	Identity      *identityRecord                `json:"F,omitempty"`
	DueAt         moment                         `json:"w,omitempty"`
	Warnings      int                            `json:"W,omitempty"`
	WarnedAt      moment                         `json:"A,omitempty"`
	RestoredAt    moment                         `json:"B,omitempty"`
	GraceFrom     moment                         `json:"K,omitempty"`
	ArchiveCause  lifecycle.Cause                `json:"C,omitempty"`
	Undeliverable *undeliverableRecord           `json:"U,omitempty"`
	AddressAt     moment                         `json:"H,omitempty"`
}

type undeliverableRecord struct {
	Since  moment                `json:"s"`
	Reason directory.MailFailure `json:"r"`
	Detail string                `json:"d,omitempty"`
}

type exemptionRecord struct {
	Reason string           `json:"r"`
	Until  moment           `json:"u"`
	By     directory.UserID `json:"b"`
}

type identityRecord struct {
	Issuer  string `json:"i"`
	Subject string `json:"s"`
}

type grantRecord struct {
	Right      directory.Right `json:"r"`
	ApprovedBy string          `json:"a,omitempty"`
}

func recordUser(u directory.User) userRecord {
	r := userRecord{
		Org: u.Org, ID: u.ID, Username: u.Username, GivenName: u.GivenName, FamilyName: u.FamilyName, Email: u.Email,
		Status: u.Status, Roles: u.Roles, MustChange: u.MustChangePassword, PasswordSetAt: momentOf(u.PasswordSetAt),
		SessionEpoch: u.SessionEpoch, AgreedVersion: u.AgreedVersion, LastSignInAt: momentOf(u.LastSignInAt),
		CreatedAt: momentOf(u.CreatedAt), CreatedBy: u.CreatedBy, More: u.More, Denied: u.Denied, AllSchools: u.AllSchools,
		NoNews: !u.Wants.News, Newsletter: u.Wants.Newsletter, NoDigest: !u.Wants.Digest,
		DefaultGroup: u.DefaultGroup, StatusSince: momentOf(u.StatusSince), EndsAt: momentOf(u.EndsAt), IdleMinutes: u.IdleMinutes,
		ExpiryMails: u.ExpiryMails, DueAt: momentOf(u.DueAt), Warnings: u.Warnings, WarnedAt: momentOf(u.WarnedAt),
		RestoredAt: momentOf(u.RestoredAt), GraceFrom: momentOf(u.GraceFrom), ArchiveCause: u.ArchiveCause, TOTP: u.Factors.TOTP, Passkeys: u.Factors.Passkeys, RecoveryCodes: u.Factors.RecoveryCodes,
		AddressAt: momentOf(u.AddressAt),
	}
	if e := u.Exemption; e != nil {
		r.Exemption = &exemptionRecord{Reason: e.Reason, Until: momentOf(e.Until), By: e.By}
	}
	if a := u.Undeliverable; a != nil {
		r.Undeliverable = &undeliverableRecord{Since: momentOf(a.Since), Reason: a.Reason, Detail: a.Detail}
	}
	if u.Identity != nil {
		identity := identityRecord(*u.Identity)
		r.Identity = &identity
	}
	for _, g := range u.Granted {
		r.Granted = append(r.Granted, grantRecord(g))
	}
	return r
}

func (r userRecord) user(version int64) directory.User {
	u := directory.User{
		Org: r.Org, ID: r.ID, Username: r.Username, GivenName: r.GivenName, FamilyName: r.FamilyName, Email: r.Email,
		Status: r.Status, Roles: r.Roles, MustChangePassword: r.MustChange, PasswordSetAt: r.PasswordSetAt.time(),
		SessionEpoch: r.SessionEpoch, AgreedVersion: r.AgreedVersion, LastSignInAt: r.LastSignInAt.time(),
		CreatedAt: r.CreatedAt.time(), CreatedBy: r.CreatedBy, More: r.More, Denied: r.Denied, Version: version,
		AllSchools: r.AllSchools, DefaultGroup: r.DefaultGroup,
		Wants:       directory.Communications{News: !r.NoNews, Newsletter: r.Newsletter, Digest: !r.NoDigest},
		StatusSince: r.StatusSince.time(), EndsAt: r.EndsAt.time(), IdleMinutes: r.IdleMinutes, ExpiryMails: r.ExpiryMails,
		DueAt: r.DueAt.time(), Warnings: r.Warnings, WarnedAt: r.WarnedAt.time(), RestoredAt: r.RestoredAt.time(),
		GraceFrom: r.GraceFrom.time(), ArchiveCause: r.ArchiveCause, AddressAt: r.AddressAt.time(),
		Factors: directory.FactorSummary{TOTP: r.TOTP, Passkeys: r.Passkeys, RecoveryCodes: r.RecoveryCodes},
	}
	if e := r.Exemption; e != nil {
		u.Exemption = &directory.Exemption{Reason: e.Reason, Until: e.Until.time(), By: e.By}
	}
	if a := r.Undeliverable; a != nil {
		u.Undeliverable = &directory.Undeliverable{Since: a.Since.time(), Reason: a.Reason, Detail: a.Detail}
	}
	if r.Identity != nil {
		identity := directory.LinkedIdentity(*r.Identity)
		u.Identity = &identity
	}
	for _, g := range r.Granted {
		u.Granted = append(u.Granted, directory.Grant(g))
	}
	return u
}

type sessionRecord struct {
	Org          directory.Slug        `json:"o"`
	User         directory.UserID      `json:"u"`
	ID           directory.SessionID   `json:"i"`
	SecretHash   []byte                `json:"h"`
	Challenges   []directory.Challenge `json:"c,omitempty"`
	PasswordMark []byte                `json:"m,omitempty"`
	Epoch        int64                 `json:"n,omitempty"`
	CreatedAt    moment                `json:"b"`
	LastUsedAt   moment                `json:"l"`
	Idle         int64                 `json:"d"` // seconds
	EndsAt       moment                `json:"e"`
	Address      string                `json:"a,omitempty"`
	Agent        string                `json:"g,omitempty"`
	Method       directory.Method      `json:"w,omitempty"`
	ProvedAt     moment                `json:"p,omitempty"`
	Browser      directory.SessionID   `json:"k,omitempty"`
	ElevatedTill moment                `json:"v,omitempty"`
	Elevation    int64                 `json:"x,omitempty"`
	Visit        *visitRecord          `json:"V,omitempty"`
}

// visitRecord is a support session, in the session and by itself.
type visitRecord struct {
	ID        directory.VisitID `json:"i"`
	Org       directory.Slug    `json:"o"`
	Supporter partyRecord       `json:"w"`
	Reason    string            `json:"r"`
	Number    int64             `json:"n"`
	StartedAt moment            `json:"s"`
	Until     moment            `json:"u"`
	EndedAt   moment            `json:"e,omitempty"`
}

func recordVisit(v directory.Visit) visitRecord {
	return visitRecord{
		ID: v.ID, Org: v.Org, Supporter: partyRecord(v.Supporter), Reason: v.Reason, Number: v.Number,
		StartedAt: momentOf(v.StartedAt), Until: momentOf(v.Until), EndedAt: momentOf(v.EndedAt),
	}
}

func (r visitRecord) visit(version int64) directory.Visit {
	return directory.Visit{
		ID: r.ID, Org: r.Org, Supporter: directory.Party(r.Supporter), Reason: r.Reason, Number: r.Number,
		StartedAt: r.StartedAt.time(), Until: r.Until.time(), EndedAt: r.EndedAt.time(), Version: version,
	}
}

func recordSession(s directory.Session) sessionRecord {
	r := sessionRecord{
		Org: s.Org, User: s.User, ID: s.ID, SecretHash: s.SecretHash, Challenges: s.Challenges, PasswordMark: s.PasswordMark,
		Epoch: s.Epoch, CreatedAt: momentOf(s.CreatedAt), LastUsedAt: momentOf(s.LastUsedAt), Idle: int64(s.Idle / time.Second),
		EndsAt: momentOf(s.EndsAt), Address: s.From.Address, Agent: s.From.Agent, Method: s.Method, ProvedAt: momentOf(s.ProvedAt),
		Browser: s.Browser, ElevatedTill: momentOf(s.ElevatedUntil), Elevation: s.Elevation,
	}
	if s.Visit != nil {
		visit := recordVisit(*s.Visit)
		r.Visit = &visit
	}
	return r
}

func (r sessionRecord) session(version int64) directory.Session {
	s := directory.Session{
		Org: r.Org, User: r.User, ID: r.ID, SecretHash: r.SecretHash, Challenges: r.Challenges, PasswordMark: r.PasswordMark,
		Epoch: r.Epoch, CreatedAt: r.CreatedAt.time(), LastUsedAt: r.LastUsedAt.time(), Idle: time.Duration(r.Idle) * time.Second,
		EndsAt: r.EndsAt.time(), From: directory.Origin{Address: r.Address, Agent: r.Agent}, Version: version,
		Method: r.Method, ProvedAt: r.ProvedAt.time(), Browser: r.Browser, ElevatedUntil: r.ElevatedTill.time(), Elevation: r.Elevation,
	}
	if r.Visit != nil {
		visit := r.Visit.visit(0)
		s.Visit = &visit
	}
	return s
}

type partyRecord struct {
	Org      directory.Slug   `json:"o,omitempty"`
	User     directory.UserID `json:"i,omitempty"`
	Username string           `json:"u,omitempty"`
	Name     string           `json:"n,omitempty"`
}

// entryRecord is a line of the audit trail. A subject that is the actor is not written twice.
type entryRecord struct {
	ID      string            `json:"i"`
	Org     directory.Slug    `json:"o"`
	At      moment            `json:"t"`
	Action  directory.Action  `json:"d"`
	Actor   partyRecord       `json:"w"`
	Subject *partyRecord      `json:"s,omitempty"`
	Address string            `json:"a,omitempty"`
	Agent   string            `json:"g,omitempty"`
	Before  map[string]string `json:"b,omitempty"`
	After   map[string]string `json:"f,omitempty"`
	Note    string            `json:"n,omitempty"`
	Visit   directory.VisitID `json:"v,omitempty"`
}

func recordEntry(e directory.Entry) entryRecord {
	r := entryRecord{
		ID: e.ID, Org: e.Org, At: momentOf(e.At), Action: e.Action, Actor: partyRecord(e.Actor),
		Address: e.From.Address, Agent: e.From.Agent, Before: e.Before, After: e.After, Note: e.Note, Visit: e.Visit,
	}
	if e.Subject != e.Actor {
		subject := partyRecord(e.Subject)
		r.Subject = &subject
	}
	return r
}

func (r entryRecord) entry() directory.Entry {
	e := directory.Entry{
		ID: r.ID, Org: r.Org, At: r.At.time(), Action: r.Action, Actor: directory.Party(r.Actor), Subject: directory.Party(r.Actor),
		From: directory.Origin{Address: r.Address, Agent: r.Agent}, Before: r.Before, After: r.After, Note: r.Note, Visit: r.Visit,
	}
	if r.Subject != nil {
		e.Subject = directory.Party(*r.Subject)
	}
	return e
}
