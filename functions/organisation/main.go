// Command organisation is the Lambda function for an organisation's own affairs: settings, conditions of use, contact.
package main

import (
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/httpapi"
)

func main() { front.Serve(httpapi.Organisation()) }
