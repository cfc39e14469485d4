// Package lifecycle says what happens next to an account by itself, and when: warnings for inactivity, the archive, the
// end. It owns the arithmetic and the order of the steps, as pure functions of an account, a policy and a time. It
// does not know what an organisation is, stores nothing and sends nothing; package directory carries the steps out.
package lifecycle
