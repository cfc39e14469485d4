// Command users is the Lambda function for the accounts of an organisation, one's own included.
package main

import (
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/httpapi"
)

func main() { front.Serve(httpapi.Users(), passkey.Add) }
