package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/caretaker/caretaker/internal/app/host"
)

// settings are what the environment decides.
type settings struct {
	port string // "0" takes a free one
	data string // a folder, or host.InMemory
	demo bool   // seed the demonstration
	aws  bool   // run on emulators of AWS
	// operator is the first one of a platform without a demonstration.
	operator string
}

// settingsFrom says what is wrong and what would be right.
func settingsFrom(getenv func(string) string) (settings, error) {
	s := settings{
		port: cmp.Or(getenv("PORT"), "8080"), data: cmp.Or(getenv("DATA"), ".local"),
		operator: cmp.Or(getenv("OPERATOR"), "Olive Operator <olive@platform.example>"),
	}
	if n, err := strconv.Atoi(s.port); err != nil || n < 0 || n > 65535 {
		return s, fmt.Errorf("PORT is %q, must be a number from 0 to 65535", s.port)
	}
	switch seed := cmp.Or(getenv("DEMO"), "1"); seed {
	case "0", "1":
		s.demo = seed == "1"
	default:
		return s, fmt.Errorf("DEMO is %q, must be 1 for the demonstration or 0 for none", seed)
	}
	switch stack := cmp.Or(getenv("STACK"), "embedded"); stack {
	case "embedded":
	case "aws":
		s.aws, s.data = true, host.InMemory // the emulators keep nothing, so there is nothing to keep beside them
	default:
		return s, fmt.Errorf("STACK is %q, must be embedded, or aws for emulators of AWS", stack)
	}
	return s, nil
}

// file is where something is kept in the data folder; "" when nothing is.
func (s settings) file(name string) string {
	if s.data == host.InMemory {
		return ""
	}
	return filepath.Join(s.data, name)
}
