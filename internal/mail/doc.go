// Package mail owns what the service says by email: the letters, their wording, and what a finished message looks like.
// It does not decide who is written to or when, and it carries nothing; the senders beside it (ses, inbox) do.
package mail
