// Package passkeys owns the adapter of the domain's port directory.Passkeys: WebAuthn (Level 3) as a relying party, by
// way of go-webauthn. It says what a browser is asked for, checks what comes back, and decides which name and which
// origins that holds for. It keeps nothing: that a state is used once, and by whom it was begun, is the store's and the
// domain's business, as are a passkey's name and dates, who may have one and what signing in with it leads to.
package passkeys
