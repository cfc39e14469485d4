// Package rule names the rules that what people type must keep. Every message at a field comes from here: it has a code
// for programs, which the console translates, and English words for people.
package rule

import (
	"fmt"
	"slices"
	"strings"
)

// Rule is one rule. Its text follows the name of a field, and has places in braces for what differs.
type Rule struct{ Code, Text string }

// Broken says that a rule is not kept: in words, and in what it takes to say it in other words.
type Broken struct {
	Code, Message string
	Params        map[string]string
}

var all []Rule

func rule(code, text string) Rule {
	r := Rule{code, text}
	all = append(all, r)
	return r
}

// All lists every rule there is.
func All() []Rule { return slices.Clone(all) }

// Of finds a rule by its code; false if there is none.
func Of(code string) (Rule, bool) {
	i := slices.IndexFunc(all, func(r Rule) bool { return r.Code == code })
	if i < 0 {
		return Rule{}, false
	}
	return all[i], true
}

// Places lists the names of a rule's places, as they come in its text.
func (r Rule) Places() []string {
	var names []string
	for rest := r.Text; ; {
		_, after, found := strings.Cut(rest, "{")
		name, next, closed := strings.Cut(after, "}")
		if !found || !closed {
			return names
		}
		names, rest = append(names, name), next
	}
}

// Broken fills the rule's places with values, in their order. A list is read out with "or" before the last.
func (r Rule) Broken(values ...any) Broken {
	places := r.Places()
	if len(places) == 0 {
		return Broken{Code: r.Code, Message: r.Text}
	}
	b := Broken{Code: r.Code, Params: map[string]string{}}
	rest := r.Text
	for i, name := range places {
		before, after, _ := strings.Cut(rest, "{"+name+"}")
		said, param := texts(values[i])
		b.Message, b.Params[name], rest = b.Message+before+said, param, after
	}
	b.Message += rest
	return b
}

// texts is a value as English says it, and as a parameter: a list without the word before the last.
func texts(value any) (said, param string) {
	list, ok := value.([]string)
	if !ok {
		said = fmt.Sprint(value)
		return said, said
	}
	return Or(list), strings.Join(list, ", ")
}

// Or makes "a, b or c" of a list.
func Or(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}
