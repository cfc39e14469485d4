// Command digest is the Lambda function for the weekly mail to administrators, by a schedule.
package main

import "github.com/caretaker/caretaker/internal/app"

func main() { app.ServeDigest() }
