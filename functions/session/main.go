// Command session is the Lambda function for signing in and out: sessions and their challenges.
package main

import "github.com/caretaker/caretaker/internal/app"

func main() { app.ServeArea("session") }
