package feedback

import (
	stdmail "net/mail"
	"slices"
	"strings"

	"github.com/caretaker/caretaker/internal/mail"
)

// The tags that package mail gives a mail.
const (
	mailTag         = "mail"
	organisationTag = "organisation"
	userTag         = "user"
	maxID           = 200 // characters, which package mail allows of a letter's id
)

// tag is a tag of the mail. What could not be one of ours counts as none.
func (s sent) tag(name string) string {
	values := s.Tags[name]
	if len(values) == 0 || len(values[0]) > maxID || strings.ContainsFunc(values[0], func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return values[0]
}

// addresses cleans those of an event, each once. An event that names none is about the mail's only recipient.
func (s sent) addresses(about []string) []string {
	list := cleaned(about)
	if len(list) == 0 && len(s.Destination) == 1 {
		list = cleaned(s.Destination)
	}
	return list
}

func cleaned(typed []string) []string {
	var list []string
	for _, t := range typed {
		if a := bare(t); a != "" && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

// bare is the address in "Danny <d@e.example>", its domain as people write it; "" if there is none that mail could have
// been sent to.
func bare(typed string) string {
	if parsed, err := stdmail.ParseAddress(typed); err == nil {
		typed = parsed.Address
	} else if open := strings.LastIndexByte(typed, '<'); open >= 0 { // a name that nobody quoted
		typed, _, _ = strings.Cut(typed[open+1:], ">")
	}
	email, err := mail.ASCII(strings.TrimSpace(typed))
	if err != nil {
		return ""
	}
	return mail.Readable(email)
}
