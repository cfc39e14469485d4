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

// earlyFor fills the marks of a page. Who may be signed in does not see the form for the blink of an eye.
func (s *Server) earlyFor(page string, r *http.Request) string {
	e := s.early[preferred(r.Header.Get("Accept-Language"), s.early)]
	head, form := e.Head, ""
	if at := signInPath.FindStringSubmatch(r.URL.Path); at != nil {
		head += `<link rel="preload" as="fetch" crossorigin href="/api/v1/organisations/` + at[1] + `/sign-in">`
		if !signedIn(r) {
			form = e.Form
		}
	}
	return strings.NewReplacer(headMark, head, formMark, form).Replace(page)
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

// signedIn tells whether there seems to be a session, by the names of its cookie (internal/httpapi).
func signedIn(r *http.Request) bool {
	for _, name := range []string{"__Host-caretaker", "caretaker"} {
		if c, err := r.Cookie(name); err == nil && c.Value != "" {
			return true
		}
	}
	return false
}
