// Package credentials owns the adapters of the domain's port directory.Credentials (cognito: a user pool; embedded:
// argon2id hashes in the product's own store) and what they share: which user ids they take and the one form a
// password is brought to before it is kept or compared. It knows no rule about passwords beyond the port's own bounds
// and counts no failed attempts; rules, lockout and expiry are the domain's.
package credentials
