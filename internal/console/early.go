package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
)

// early is what makes a page readable before its script has come: on a slow line the script takes seconds. The build
// writes it for each language (web/scripts/early.mjs).
type early struct {
	// Head fetches the texts of the language beside the script, and not only when the script asks for them.
	Head string `json:"head"`
	// Form looks like the sign-in page. What is typed into it the script takes over.
	Form string `json:"form"`
	// Inside fetches what every page has for who is signed in, and Pages what one has besides, by the first word of its
	// address below the organisation's.
	Inside string            `json:"inside"`
	Pages  map[string]string `json:"pages"`
}

const (
	earlyFile = "early.json"
	// Where index.html takes them.
	headMark = "<!--early-head-->"
	formMark = "<!--early-form-->"
)

// otherwise is the language of those who speak none of ours.
const otherwise = "en"

// readEarly reads them by language. A build without them is as good, only later.
func readEarly(files fs.FS) (map[string]early, error) {
	content, err := fs.ReadFile(files, earlyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all map[string]early
	if err == nil {
		err = json.Unmarshal(content, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read what the console shows early: %w", err)
	}
	return all, nil
}

// signInPath is where the entrance of an organisation is; the name is one that slugs can have.
var signInPath = regexp.MustCompile(`^/o/([a-z0-9-]{1,63})/?$`)

// insidePath is where the organisation's pages are.
var insidePath = regexp.MustCompile(`^/o/([a-z0-9-]{1,63})/([a-z-]+)`)

// earlyFor fills the marks of a page. Who may be signed in does not see the form for the blink of an eye; of who cannot be,
// the script need not ask.
func (s *Server) earlyFor(page string, r *http.Request) string {
	e := s.early[preferred(r.Header.Get("Accept-Language"), s.early)]
	head, form := e.Head, ""
	known := signedIn(r)
	if at := signInPath.FindStringSubmatch(r.URL.Path); at != nil {
		head += answerOf(at[1])
		if !known {
			form = e.Form
		}
	}
	if !known {
		if cookiesCame(r) {
			head += `<meta name="session" content="none">`
		}
	} else if at := insidePath.FindStringSubmatch(r.URL.Path); at != nil {
		head += fetched("/api/v1/session") + answerOf(at[1]) + e.Inside + e.Pages[at[2]]
	}
	return strings.NewReplacer(headMark, head, formMark, form).Replace(page)
}

// answerOf asks what everybody may know of an organisation.
func answerOf(slug string) string { return fetched("/api/v1/organisations/" + slug + "/sign-in") }

// fetched asks the API, beside the script and not only when the script does.
func fetched(path string) string {
	return `<link rel="preload" as="fetch" crossorigin href="` + path + `">`
}

// preferred is the first of the languages in the header Accept-Language that there is, as the console chooses, too.
func preferred[T any](header string, there map[string]T) string {
	for item := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(item), ";")
		language, _, _ := strings.Cut(tag, "-")
		if _, ok := there[strings.ToLower(language)]; ok {
			return strings.ToLower(language)
		}
	}
	return otherwise
}

// cookiesCame tells whether the session's cookie would have come along. It does not from another site, such as an identity
// provider or a mail read in a browser, for it is a strict one; and browsers that do not say where one comes from may be there.
func cookiesCame(r *http.Request) bool {
	from := r.Header.Get("Sec-Fetch-Site")
	return from == "none" || from == "same-origin"
}

// signedIn tells whether there seems to be a session, by the names of its cookie (internal/httpapi).
func signedIn(r *http.Request) bool {
	for _, name := range []string{"__Host-caretaker", "caretaker"} {
		if c, err := r.Cookie(name); err == nil && c.Value != "" {
			return true
		}
	}
	return false
}
