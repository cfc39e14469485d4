package feedback

import (
	stdmail "net/mail"
	"slices"
	"strings"

	"github.com/caretaker/caretaker/internal/mail"
)

const (
	idHeader        = "X-Caretaker-Id"
	organisationTag = "organisation"
	maxID           = 200 // characters, which package mail allows of a letter's id
)

// id is that of the letter. What could not be one of ours counts as none.
func (s sent) id() string {
	i := slices.IndexFunc(s.Headers, func(h header) bool { return strings.EqualFold(h.Name, idHeader) })
	if i < 0 {
		return ""
	}
	id := strings.TrimSpace(s.Headers[i].Value)
	if len(id) > maxID || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return id
}

func (s sent) organisation() string {
	if values := s.Tags[organisationTag]; len(values) > 0 {
		return values[0]
	}
	return ""
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
