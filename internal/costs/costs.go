// Package costs owns the estimate of what a deployment costs a month: how often people do what, what each of that takes (as
// measured, docs/benchmarks.md), and what AWS charges for it. It is arithmetic, and looks nothing up.
package costs

// Operation is something that people do, and what it takes by DynamoDB's price list.
type Operation struct {
	Name string // in docs/benchmarks.md, where it is measured
	// PerUser is how often a user does it, or it is done to them, in a month.
	PerUser               float64
	ReadUnits, WriteUnits float64
	Mails                 float64
}

// Habits are those of people in school offices: two sign-ins a week, ten pages each time, and now and then a change.
var Habits = []Operation{
	{"signIn", 8, 5, 13, 0},
	{"getSession", 40, 4, 0, 0},
	{"getMe", 16, 4, 1, 0}, // the first in a minute, which notes that the session is used
	{"listUsers", 8, 8, 0, 0},
	{"getUser", 4, 5, 0, 0},
	{"createUser", 0.05, 4, 23, 1},
	{"changeUser", 0.2, 5, 17, 0},
	{"resetPassword", 0.05, 5, 16, 1},
	{"changeMyPassword", 0.1, 4, 20, 1},
	{"deleteUser", 0.03, 8, 48, 0},
	{"signOut", 4, 5, 5, 0},
}

const (
	otherMails = 0.8 // of warnings, reminders, digests and news, a month
	// What sending a mail takes: the account and the shared rate are read, a turn is taken, and the mail marked as sent.
	readsPerMail, writesPerMail = 3, 4

	userKB = 10.0 // a user with all index positions, sessions, letters and so on
	// A line of the trail is kept for good, in the table and in one index or two.
	trailKB     = 0.9
	trailMonths = 12 // after which the storage is reckoned

	requestMS, requestGB = 60, 0.5 // a handler waits for DynamoDB, and for Cognito when somebody signs in
	mailMS, mailGB       = 150, 0.25
	logKB                = 1.2 // of the access log, the function's own line and Lambda's report
)

// Prices are in US dollars, before any free allowance but Cognito's, without tax.
type Prices struct {
	MillionReads, MillionWrites, TableGB, BackupGB float64
	MillionCalls, MillionRequests, GBSecond        float64
	ThousandMails, LogGB, Fixed                    float64
	// ActiveUsers are Cognito's steps for a user who signs in within the month.
	ActiveUsers []Step
}

// Step is a price that holds up to a number of users.
type Step struct{ UpTo, Each float64 }

// regional is how much dearer London is taken to be than the US East list price, where no price of London's was at hand.
const regional = 1.2

// List is what was reckoned with on 2026-11-28; docs/operating.md says where each comes from.
var List = Prices{
	MillionReads: 0.125 * regional, MillionWrites: 0.625 * regional, TableGB: 0.25 * regional, BackupGB: 0.20 * regional,
	MillionCalls: 1.00 * regional, MillionRequests: 0.20, GBSecond: 0.0000133334,
	ThousandMails: 0.10, LogGB: 0.50 * regional,
	Fixed:       10, // a key, alarms, a dashboard
	ActiveUsers: []Step{{10_000, 0}, {100_000, 0.0055}, {1_000_000, 0.0046}, {10_000_000, 0.00325}},
}

// Estimate is what a month costs, by what is paid for.
type Estimate struct {
	Users float64
	Reads, Writes, Storage, Calls,
	Functions, Passwords, Mails, Logs, Fixed float64
}

// Of estimates a month of so many users, all of whom sign in.
func Of(users float64, p Prices) Estimate {
	var reads, writes, calls, mails, lines float64
	for _, o := range Habits {
		n := o.PerUser * users
		calls += n
		reads, writes, mails = reads+n*o.ReadUnits, writes+n*o.WriteUnits, mails+n*o.Mails
		if o.WriteUnits > 1 {
			lines += n
		}
	}
	mails += otherMails * users
	reads, writes = reads+mails*readsPerMail, writes+mails*writesPerMail
	stored := (users*userKB + lines*trailMonths*trailKB) / (1 << 20)
	const million, thousand = 1e6, 1e3
	return Estimate{
		Users: users, Reads: reads / million * p.MillionReads, Writes: writes / million * p.MillionWrites,
		Storage: stored * (p.TableGB + p.BackupGB), Calls: calls / million * p.MillionCalls,
		Functions: (calls+mails)/million*p.MillionRequests + (calls*requestMS*requestGB+mails*mailMS*mailGB)/thousand*p.GBSecond,
		Passwords: stepped(users, p.ActiveUsers), Mails: mails / thousand * p.ThousandMails,
		Logs: calls * logKB / (1 << 20) * p.LogGB, Fixed: p.Fixed,
	}
}

func stepped(users float64, steps []Step) (total float64) {
	from := 0.0
	for _, s := range steps {
		if users > from {
			total += (min(users, s.UpTo) - from) * s.Each
		}
		from = s.UpTo
	}
	return total
}

// Total is the whole of it.
func (e Estimate) Total() float64 {
	return e.Reads + e.Writes + e.Storage + e.Calls + e.Functions + e.Passwords + e.Mails + e.Logs + e.Fixed
}
