// Command operator is the Lambda function for the platform's own tasks: organisations and their administrators.
package main

import (
	"github.com/caretaker/caretaker/internal/app/front"
	"github.com/caretaker/caretaker/internal/httpapi"
)

func main() { front.Serve(httpapi.Operator()) }
