// Package ses owns the sending of messages through Amazon SES (API version 2). It does not queue, pace or repeat
// them beyond the few attempts of the SDK where SES does not answer: who calls it does (package pace), told by the errors.
package ses
