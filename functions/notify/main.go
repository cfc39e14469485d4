// Command notify is the Lambda function for what follows a change: mails out of the outbox, by the table's stream, and
// tidying up after crashes, by a schedule.
package main

import "github.com/caretaker/caretaker/internal/app/post"

func main() { post.Serve() }
