// Command users is the Lambda function for the accounts of an organisation, one's own included.
package main

import "github.com/caretaker/caretaker/internal/app"

func main() { app.ServeArea("users") }
