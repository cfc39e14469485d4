// Command session is the Lambda function for signing in and out: sessions and their challenges.
package main

import (
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/app/front/passkey"
	"github.com/caretaker/caretaker/internal/httpapi"
)

func main() { front.Serve(httpapi.Session(), passkey.Add) }
