// Package console serves the web console: the files that `make console` builds from the folder web and puts into built,
// where they become part of the program. It decides nothing about users; all that the console shows it asks the API for.
package console
