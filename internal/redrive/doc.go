// Package redrive owns putting back what the dead-letter queues of a deployment hold, once a person has mended the cause. It
// does the work of no function itself: it invokes the functions, which know how, and deletes from a queue only what is done.
package redrive
