package mail

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"text/template"
)

//go:embed templates
var files embed.FS

// fallback has every template.
const fallback = "en"

// wording is one template in one language.
type wording struct {
	lang string
	text *template.Template
	html *htmltemplate.Template
}

// parsed holds a func() (wording, error) per language and template, so that a cold start parses only what it writes.
var parsed sync.Map

// plainName keeps a name from reaching other files than templates.
var plainName = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// wordingOf finds the template in the language ("da-DK", then "da"), else in English.
func wordingOf(language, name string) (wording, error) {
	if !plainName.MatchString(name) {
		return wording{}, fmt.Errorf("no template %q", name)
	}
	whole := strings.ToLower(language)
	primary, _, _ := strings.Cut(whole, "-")
	for _, lang := range []string{whole, primary, fallback} {
		if plainName.MatchString(lang) && exists(lang, name) {
			load, _ := parsed.LoadOrStore(lang+"/"+name, sync.OnceValues(func() (wording, error) { return parse(lang, name) }))
			return load.(func() (wording, error))()
		}
	}
	return wording{}, fmt.Errorf("no template %q", name)
}

func exists(lang, name string) bool {
	_, err := fs.Stat(files, "templates/"+lang+"/"+name+".txt")
	return err == nil
}

// parse puts the layout, the closing words of the language and the template together; the template comes last and
// may replace the closing words.
func parse(lang, name string) (wording, error) {
	w := wording{lang: lang}
	own := "templates/" + lang + "/"
	var err error
	w.text, err = template.New(name).Option("missingkey=error").
		Funcs(template.FuncMap{"isolate": isolate, "list": list, "optional": optional}).
		ParseFS(files, "templates/layout.txt", own+"parts/closing.txt", own+name+".txt")
	if err != nil {
		return w, err
	}
	w.html, err = htmltemplate.New(name).Option("missingkey=error").
		Funcs(htmltemplate.FuncMap{"lines": lines, "list": list, "optional": optional}).
		ParseFS(files, "templates/layout.html", own+"parts/closing.html", own+name+".html")
	return w, err
}

func lines(s string) []string { return strings.Split(s, "\n") }

// maxListed bounds each list of a mail, in lines: seven lists then stay well below the 100 kB at which some mail
// programs cut a message off.
const maxListed = 50

// listing is a list as the wording sees it.
type listing struct {
	Count string // of all there are; "1000+" where nobody counted further
	Lines []string
	More  string // of those that are not among the lines; "" if all are
}

// list is for one of the lists, which all wording can do without: nil if it is empty. The datum that is named like it
// with "Count" behind says how many there are when the list is not complete, with a plus sign where it is more than that.
func list(data map[string]string, key string) *listing {
	if data[key] == "" {
		return nil
	}
	all := lines(data[key])
	count := len(all)
	figure, plus := cutPlus(data[key+counting])
	if told, err := strconv.Atoi(figure); err == nil { // checkDatum has seen to that; there may be none
		count = max(count, told)
	}
	l := listing{Count: strconv.Itoa(count) + plus, Lines: all[:min(len(all), maxListed)]}
	if more := count - len(l.Lines); more > 0 {
		l.More = strconv.Itoa(more) + plus
	}
	return &l
}

// optional is for a datum that the wording can do without; any other way of naming it makes it required.
func optional(data map[string]string, key string) string { return data[key] }

// write fills in subject, text and HTML of the message.
func (w wording) write(m *Message, p page) error {
	var subject, text, html strings.Builder
	if err := w.text.ExecuteTemplate(&subject, "subject", p.Data); err != nil {
		return err
	}
	m.Subject = strings.Join(strings.Fields(subject.String()), " ")
	p.Subject = m.Subject
	if err := w.text.ExecuteTemplate(&text, "mail", p); err != nil {
		return err
	}
	if err := w.html.ExecuteTemplate(&html, "mail", p); err != nil {
		return err
	}
	m.Text, m.HTML = strings.TrimSpace(text.String())+"\n", html.String()
	return nil
}
