package mail

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// Bounds of headers in bytes, which are those of SES (MessageHeader).
const (
	maxID          = 200
	maxHeaderName  = 126
	maxHeaderValue = 995
)

// Check fails with ErrRefused when the recipient's address cannot be written to, and with Internal "mail_invalid"
// when anything else could break the message or smuggle a header into it. Senders call it first.
func (m Message) Check() error {
	if _, err := ASCII(m.To.Email); err != nil {
		return Refused(err)
	}
	if err := m.checkSenders(); err != nil {
		return faulty("message %q: %w", m.ID, err)
	}
	if err := m.checkHeaders(); err != nil {
		return faulty("message %q: %w", m.ID, err)
	}
	return nil
}

func (m Message) checkSenders() error {
	if _, err := ASCII(m.From.Email); err != nil {
		return fmt.Errorf("the sender: %w", err)
	}
	if m.ReplyTo.IsZero() {
		return nil
	}
	if _, err := ASCII(m.ReplyTo.Email); err != nil {
		return fmt.Errorf("where answers go: %w", err)
	}
	return nil
}

func (m Message) checkHeaders() error {
	if err := checkID(m.ID); err != nil {
		return err
	}
	if m.Subject == "" || strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return fmt.Errorf("the subject %q is empty or not one line", m.Subject)
	}
	for name, value := range m.Headers {
		if !headerName(name) || len(value) > maxHeaderValue || !printable(value) {
			return fmt.Errorf("the header %q with the value %q", name, value)
		}
	}
	return nil
}

func checkID(id string) error {
	if id == "" || len(id) > maxID || !printable(id) || strings.Contains(id, " ") {
		return fmt.Errorf("the id %q is not 1 to %d printable characters", id, maxID)
	}
	return nil
}

func headerName(s string) bool {
	return s != "" && len(s) <= maxHeaderName && printable(s) && !strings.ContainsAny(s, " :")
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func (l Letter) check() error {
	if err := checkID(l.ID); err != nil {
		return faulty("letter: %w", err)
	}
	switch l.Category {
	case Account, Service, News, Newsletter:
	default:
		return faulty("letter %s: category %q", l.ID, l.Category)
	}
	for key, value := range l.Data {
		if err := checkDatum(key, value); err != nil {
			return faulty("letter %s: %w", l.ID, err)
		}
	}
	if l.Category.General() && l.Data[unsubscribeToken] == "" {
		return faulty("letter %s: %s without %s", l.ID, l.Category, unsubscribeToken)
	}
	return nil
}

// checkDatum keeps the guide's promise that passwords are never sent by email, and links to the web.
func checkDatum(key, value string) error {
	folded := strings.ToLower(key)
	if strings.Contains(folded, "password") || strings.Contains(folded, "secret") {
		return fmt.Errorf("the datum %q may not be sent by email", key) // its value must not reach the log either
	}
	if strings.HasSuffix(folded, "url") && !webAddress(value) {
		return fmt.Errorf("the datum %q is no web address", key) // a link may carry a token, so it stays out of the log
	}
	if figure, _ := cutPlus(value); strings.HasSuffix(key, counting) && !number(figure) {
		return fmt.Errorf("the datum %q is %q, which is no number", key, value)
	}
	return nil
}

// counting ends the name of a datum that says how many there are.
const counting = "Count"

// cutPlus takes the plus sign off a number that stands for more than itself.
func cutPlus(value string) (figure, plus string) {
	if figure, more := strings.CutSuffix(value, "+"); more {
		return figure, "+"
	}
	return value, ""
}

// number takes up to nine digits, which no organisation's users exceed.
func number(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && strconv.Itoa(n) == s && len(s) <= 9
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func (s Settings) check() error {
	if !webAddress(s.BaseURL) {
		return faulty("settings: the base URL %q", s.BaseURL)
	}
	if s.Product == "" {
		return faulty("settings: no product name")
	}
	return nil
}
