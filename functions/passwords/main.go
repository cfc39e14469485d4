// Command passwords is the Lambda function for password resets and one's own password.
package main

import (
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/httpapi"
)

func main() { front.Serve(httpapi.Passwords()) }
