package mail

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

const (
	organisationName = "organisationName"
	productName      = "productName"
	unsubscribeToken = "unsubscribeToken"
	prose            = "message" // the one datum that a person wrote in lines of their own
)

// lists are the data with one thing a line. All others but prose are one line.
var lists = []string{"inactive", "warned", "archived", "restored", "purged", "undeliverable", "locked"}

// page is what the layouts see; the wording of a template sees Data only.
type page struct {
	Lang         string
	Subject      string
	Product      string
	Organisation string
	Category     Category
	Unsubscribe  string // the opt-out link, of general mails only
	Data         map[string]string
}

// Render writes the letter in its language. It fails with ErrRefused when the recipient's address cannot be written
// to, and with Internal "mail_invalid" when the letter, the wording or the settings are at fault.
func Render(l Letter, s Settings) (Message, error) {
	if err := l.check(); err != nil {
		return Message{}, err
	}
	if err := s.check(); err != nil {
		return Message{}, err
	}
	w, err := wordingOf(l.Language, l.Template)
	if err != nil {
		return Message{}, faulty("letter %s: %w", l.ID, err)
	}
	m := envelope(l, s)
	p := pageOf(l, s)
	p.Lang = w.lang
	if err := w.write(&m, p); err != nil {
		return Message{}, faulty("letter %s: %w", l.ID, err)
	}
	return m, m.Check()
}

// envelope is the message without its words.
func envelope(l Letter, s Settings) Message {
	from := s.From
	if l.Category.General() && !s.FromNews.IsZero() {
		from = s.FromNews
	}
	if from.Name == "" {
		from.Name = s.Product
	}
	return Message{
		ID: l.ID, From: from, To: l.To, ReplyTo: l.ReplyTo, Category: l.Category,
		Headers: headersOf(l, s),
		Tags: map[string]string{
			"organisation": l.OrganisationSlug, "user": l.User, "mail": l.ID,
			"template": l.Template, "category": string(l.Category),
		},
	}
}

func headersOf(l Letter, s Settings) map[string]string {
	h := map[string]string{"X-Caretaker-Id": l.ID}
	if l.User != "" { // beside the tags, for mail systems that keep none
		h["X-Caretaker-For"] = l.OrganisationSlug + "/" + l.User
	}
	if l.ReplyTo.IsZero() { // else a person wrote it, and wants an answer
		h["Auto-Submitted"] = "auto-generated" // RFC 3834: no holiday replies, please
	}
	if link := unsubscribeLink(l, s); link != "" {
		h["List-Unsubscribe"] = "<" + link + ">" // both are of RFC 8058
		h["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
		h["List-Id"] = listID(l, s)
	}
	return h
}

// listID names the list that a general letter is of, one for each organisation and purpose, so that people can sort by it
// (RFC 2919).
func listID(l Letter, s Settings) string {
	host := "localhost"
	if u, err := url.Parse(s.BaseURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return "<" + string(l.Category) + "." + cmp.Or(l.OrganisationSlug, "all") + "." + host + ">"
}

func unsubscribeLink(l Letter, s Settings) string {
	if !l.Category.General() {
		return ""
	}
	base := strings.TrimRight(s.BaseURL, "/")
	return base + "/api/v1/unsubscribe?token=" + url.QueryEscape(l.Data[unsubscribeToken])
}

func pageOf(l Letter, s Settings) page {
	data := map[string]string{organisationName: oneLine(l.Organisation)}
	for key, value := range l.Data {
		data[key] = clean(key, value)
	}
	data[productName] = oneLine(s.Product)
	if data[organisationName] == "" {
		delete(data, organisationName) // so that wording which names it fails instead of leaving a gap
	}
	return page{
		Product: data[productName], Organisation: data[organisationName],
		Category: l.Category, Unsubscribe: unsubscribeLink(l, s), Data: data,
	}
}

// clean makes a value harmless, in as many lines as it may have.
func clean(key, value string) string {
	switch {
	case key == prose:
		return proseOf(value)
	case slices.Contains(lists, key):
		return listOf(value)
	}
	return oneLine(value)
}

// proseOf keeps lines and drops spaces at their ends, because "-- " is where mail programs end a message (RFC 3676, 4.3)
// and hide what follows.
func proseOf(s string) string {
	all := lines(manyLines(s))
	for i, line := range all {
		all[i] = strings.TrimRight(line, " \t")
	}
	return strings.Join(all, "\n")
}

// listOf cuts at the line breaks that the writer of a list sets and at nothing else: any other break came with a name
// and would make two things of it. No line is empty or begins with a space, so that none looks like a heading.
func listOf(s string) string {
	var kept []string
	for _, line := range lines(s) {
		if line = oneLine(line); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
