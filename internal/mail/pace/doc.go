// Package pace owns when a message is handed to the mail service: within a rate that all who send share, wherever they run,
// and again, after a pause, when the service says that it is too much. It does not know which service that is, and it does
// not decide what becomes of a message that found no time.
package pace
