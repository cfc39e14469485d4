// Package directory is the domain: organisations, their users, roles and rights, sessions, passwords' rules,
// agreements and the audit trail, with the services that change them and the ports they need. It knows nothing of
// HTTP, AWS or storage engines, and it never asks for the time, an id or a random number except through its fields.
package directory
