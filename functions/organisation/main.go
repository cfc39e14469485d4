// Command organisation is the Lambda function for an organisation's own affairs: settings, conditions of use, contact.
package main

import "github.com/caretaker/caretaker/internal/app"

func main() { app.ServeArea("organisation") }
