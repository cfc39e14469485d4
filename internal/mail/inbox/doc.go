// Package inbox owns the mails of a machine where none are delivered: it keeps what was sent, for people and tests to
// read. It delivers nothing, and it is no part of any function that runs on AWS.
package inbox
