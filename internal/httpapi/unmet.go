package httpapi

import (
	"errors"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// What huma finds before an operation runs it says in texts that can be set, so they are made to carry a rule's code and
// what stands in its places. mark sets them apart from huma's own words.
const mark = "\x1f"

func marked(r rule.Rule, values ...string) string {
	return strings.Join(append([]string{"", r.Code}, values...), mark)
}

func init() {
	validation.MsgExpectedRequiredProperty = marked(rule.Missing, "%s")
	validation.MsgUnexpectedProperty = marked(rule.UnknownField)
	validation.MsgExpectedString = marked(rule.Text)
	validation.MsgExpectedBoolean = marked(rule.TrueOrFalse)
	validation.MsgExpectedInteger = marked(rule.WholeNumber)
	validation.MsgExpectedNumber = marked(rule.Number)
	validation.MsgExpectedArray = marked(rule.List)
	validation.MsgExpectedObject = marked(rule.Object)
	validation.MsgExpectedRFC3339DateTime = marked(rule.Time)
	validation.MsgExpectedArrayItemsUnique = marked(rule.Twice)
	validation.MsgExpectedMinimumNumber = marked(rule.AtLeast, "%v")
	validation.MsgExpectedMaximumNumber = marked(rule.AtMost, "%v")
	validation.MsgExpectedOneOf = marked(rule.OneOf, "%s")
	validation.MsgExpectedMinLength = marked(rule.TooShort, "%d")
	validation.MsgExpectedMaxLength = marked(rule.TooLong, "%d")
	validation.MsgExpectedMinItems = marked(rule.TooFew, "%d")
	validation.MsgExpectedMaxItems = marked(rule.TooMany, "%d")
}

// ownWords are those that huma has of parameters and that cannot be set.
var ownWords = map[string]rule.Rule{
	"invalid integer":                      rule.WholeNumber,
	"invalid boolean":                      rule.TrueOrFalse,
	"unknown query parameter":              rule.UnknownField,
	"required query parameter is missing":  rule.Missing,
	"required header parameter is missing": rule.Missing,
	"required path parameter is missing":   rule.Missing,
	"request body is required":             rule.Missing,
}

// unmet keeps place and reason of what huma found and drops the value, which may be a password.
func unmet(err error) FieldProblem {
	d, ok := errors.AsType[*huma.ErrorDetail](err)
	if !ok {
		return fieldProblem("body", rule.NotJSON.Broken())
	}
	code, said := strings.CutPrefix(d.Message, mark)
	parts := strings.Split(code, mark)
	r, known := rule.Of(parts[0])
	switch {
	case !said && d.Location == "body":
		return fieldProblem(d.Location, rule.NotJSON.Broken())
	case !said || !known:
		return fieldProblem(d.Location, ownWord(d.Message).Broken())
	case r == rule.Missing:
		return fieldProblem(d.Location+"."+parts[1], r.Broken())
	default:
		return fieldProblem(d.Location, r.Broken(listed(parts[1:])...))
	}
}

func ownWord(message string) rule.Rule {
	if r, known := ownWords[message]; known {
		return r
	}
	return rule.Unreadable
}

// listed are the values, of which those with commas are lists: huma has joined them.
func listed(parts []string) []any {
	values := make([]any, len(parts))
	for i, p := range parts {
		values[i] = strings.Split(p, ", ")
	}
	return values
}

func fieldProblem(location string, b rule.Broken) FieldProblem {
	return FieldProblem{Location: location, Message: b.Message, Code: b.Code, Params: b.Params}
}
