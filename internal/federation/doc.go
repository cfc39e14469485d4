// Package federation owns how Caretaker relies on an OpenID provider: the authorisation code flow with PKCE, what is
// asked of a provider's metadata, keys and ID tokens, and which addresses are called at all. It does not keep sign-ins
// under way, compare the state, choose users or know sessions: the domain does.
//
// Issuers are typed in by the administrators of organisations, so every address is treated as an attacker's: only https
// is spoken, only public addresses are dialled, nothing is followed to another host, and answers are bounded in time and
// size. Causes of errors, which are logged, hold no codes, tokens or secrets.
package federation
