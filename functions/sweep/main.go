// Command sweep is the Lambda function for what happens to accounts by themselves, by a schedule.
package main

import "github.com/caretaker/caretaker/internal/app"

func main() { app.ServeSweep() }
