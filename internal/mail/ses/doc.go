// Package ses owns the sending of messages through Amazon SES (API version 2). It does not queue, pace or repeat
// them beyond the few attempts of the SDK: who calls it does, told by the errors when.
package ses
