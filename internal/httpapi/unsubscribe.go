package httpapi

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html"
	"net/http"
	"slices"
	"strings"

	"github.com/caretaker/caretaker/internal/directory"
)

// addUnsubscribe adds what the opt-out of a mail leads to. Both are asked for without a session: what the mail holds is
// enough (RFC 8058). Programs that check mails follow every link, so asking for the page changes nothing.
func addUnsubscribe(g *group) {
	const path = "/unsubscribe"
	register(g, Operation{
		ID: "getUnsubscribe", Method: http.MethodGet, Path: path, Access: Public, Page: true,
		Summary: "The page that the opt-out of a mail leads to; it changes nothing",
	}, g.getUnsubscribe)
	register(g, Operation{
		ID: "unsubscribe", Method: http.MethodPost, Path: path, Access: Public, Page: true, Anywhere: true,
		Summary: "Decline what the mail is one of, such as news, with one click (RFC 8058); a body is not looked at",
	}, g.unsubscribe)
}

type optOutInput struct {
	Token string `query:"token" doc:"Of the mail's link"`
}

// pageAnswer is a page for a person's browser.
type pageAnswer struct {
	Status      int
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

func (g *group) getUnsubscribe(ctx context.Context, _ directory.Caller, in *optOutInput) (*pageAnswer, error) {
	out, err := g.directory.OptOutOf(ctx, in.Token)
	return optOutPage(out, false, err)
}

func (g *group) unsubscribe(ctx context.Context, _ directory.Caller, in *optOutInput) (*pageAnswer, error) {
	out, err := g.directory.Unsubscribe(ctx, in.Token, originIn(ctx))
	return optOutPage(out, true, err)
}

// optOutWords is what the page says in one language.
type optOutWords struct {
	Lang, Title, Button, Stays, Choose, Gone, GoneHint string
	// Ask and Done are by what is declined.
	Ask, Done map[directory.MailCategory]string
}

var optOutLanguages = []optOutWords{
	{
		Lang: "en", Title: "Mails from", Button: "Stop these mails",
		Stays:  "You will still get mails about your account, and those that everybody who uses the service needs to have.",
		Choose: "Choose which mails you get",
		Gone:   "This link cannot be used", GoneHint: "It is too old, or not whole. Sign in to choose which mails you get.",
		Ask: map[directory.MailCategory]string{
			directory.NewsMail: "Do you want to stop receiving news?", directory.NewsletterMail: "Do you want to stop receiving the newsletter?",
		},
		Done: map[directory.MailCategory]string{
			directory.NewsMail: "You will receive no more news.", directory.NewsletterMail: "You will not receive the newsletter any more.",
		},
	},
	{
		Lang: "da", Title: "Mails fra", Button: "Afmeld disse mails",
		Stays:  "Du får stadig mails om din konto og dem, som alle, der bruger tjenesten, skal have.",
		Choose: "Vælg, hvilke mails du får",
		Gone:   "Linket kan ikke bruges", GoneHint: "Det er for gammelt, eller der mangler noget af det. Log ind for at vælge, hvilke mails du får.",
		Ask: map[directory.MailCategory]string{
			directory.NewsMail: "Vil du afmelde nyheder?", directory.NewsletterMail: "Vil du afmelde nyhedsbrevet?",
		},
		Done: map[directory.MailCategory]string{
			directory.NewsMail: "Du får ikke flere nyheder.", directory.NewsletterMail: "Du får ikke nyhedsbrevet mere.",
		},
	},
}

// wordsIn are those in a language, or in English.
func wordsIn(language string) optOutWords {
	i := slices.IndexFunc(optOutLanguages, func(w optOutWords) bool { return w.Lang == language })
	return optOutLanguages[max(i, 0)]
}

//go:embed unsubscribe.css
var optOutStyle string

// optOutPolicy lets the page have its own style and send its own form, and nothing else.
var optOutPolicy = "default-src 'none'; style-src 'sha256-" + hashOf(optOutStyle) +
	"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// optOutPage names the organisation and nobody in it: whoever has the link has read the mail that says as much. Where a link
// leads nowhere, the page says so in every language, for it is not known whose it was.
func optOutPage(out directory.OptOut, done bool, err error) (*pageAnswer, error) {
	if errors.Is(err, directory.ErrNotFound) {
		return htmlPage(http.StatusNotFound, optOutLanguages[0].Lang, optOutLanguages[0].Gone, goneHTML()), nil
	}
	if err != nil {
		return nil, err
	}
	words := wordsIn(out.Organisation.Language)
	return htmlPage(http.StatusOK, words.Lang, words.Title+" "+out.Organisation.Name, words.html(out, done)), nil
}

// goneHTML says that a link leads nowhere.
func goneHTML() string {
	var b strings.Builder
	for _, w := range optOutLanguages {
		b.WriteString(`<section lang="` + w.Lang + `"><h1>` + html.EscapeString(w.Gone) + "</h1><p>" + html.EscapeString(w.GoneHint) + "</p>\n" + w.choice("/") + "</section>\n")
	}
	return b.String()
}

// choice leads to where one says which mails one wants, once signed in.
func (w optOutWords) choice(at string) string {
	return `<p><a href="` + html.EscapeString(at) + `">` + html.EscapeString(w.Choose) + "</a></p>\n"
}

// html asks, or says that it is done.
func (w optOutWords) html(out directory.OptOut, done bool) string {
	head := "<h1>" + html.EscapeString(w.Title) + " <bdi>" + html.EscapeString(out.Organisation.Name) + "</bdi></h1>\n"
	end := "<p>" + html.EscapeString(w.Stays) + "</p>\n" + w.choice("/o/"+string(out.Organisation.Slug)+"/me/mails")
	if done {
		return head + `<p role="status">` + html.EscapeString(w.Done[out.Category]) + "</p>\n" + end
	}
	return head + `<form method="post">
<p>` + html.EscapeString(w.Ask[out.Category]) + `</p>
<input type="hidden" name="List-Unsubscribe" value="One-Click">
<p><button type="submit">` + html.EscapeString(w.Button) + `</button></p>
</form>
` + end
}

// htmlPage puts a page around what is HTML already. It is not made of templates: html/template calls methods by name, so
// that the linker would keep all that every function's clients of AWS can do, ten megabytes of it.
func htmlPage(status int, lang, title, body string) *pageAnswer {
	text := `<!DOCTYPE html>
<html lang="` + lang + `">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>` + html.EscapeString(title) + `</title>
<style>` + optOutStyle + `</style>
</head>
<body>
<main>
` + body + `</main>
</body>
</html>
`
	return &pageAnswer{Status: status, ContentType: "text/html; charset=utf-8", Policy: optOutPolicy, Body: []byte(text)}
}
