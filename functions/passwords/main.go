// Command passwords is the Lambda function for password resets and one's own password.
package main

import "github.com/caretaker/caretaker/internal/app"

func main() { app.ServeArea("passwords") }
