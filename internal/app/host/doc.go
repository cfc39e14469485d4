// Package host opens the whole product in one process: on files, on emulators of AWS, or on what is deployed. No function
// imports it.
package host
