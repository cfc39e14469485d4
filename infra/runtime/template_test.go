//go:build linux

package runtime_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/infra/template/samfile"
)

// template is as much of template.yaml as decides how functions run.
type template struct {
	Parameters map[string]struct{ Default any }
	Conditions map[string]any
	Globals    struct{ Function properties }
	Resources  map[string]struct {
		Type       string
		Properties json.RawMessage
	}
}

// properties are those of a function.
type properties struct {
	Timeout, MemorySize int
	Architectures       []string
	Environment         struct{ Variables map[string]any }
	Events              map[string]event
}

// event is what a function is invoked by.
type event struct {
	Type       string
	Properties struct {
		Input                           string
		Pattern                         any
		FilterCriteria                  struct{ Filters []struct{ Pattern string } }
		BatchSize, MaximumRetryAttempts int
	}
}

func loadTemplate(tb testing.TB) (t template) {
	tb.Helper()
	if err := samfile.Read(templateFile, &t); err != nil {
		tb.Fatal(err)
	}
	return t
}

// functions are the functions by folder, with what all of them have.
func (t template) functions(tb testing.TB) map[string]properties {
	tb.Helper()
	found := map[string]properties{}
	for id, r := range t.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		p := properties{Timeout: t.Globals.Function.Timeout, MemorySize: t.Globals.Function.MemorySize}
		p.Environment.Variables = maps.Clone(t.Globals.Function.Environment.Variables)
		if err := json.Unmarshal(r.Properties, &p); err != nil { // a map is added to
			tb.Fatal(err)
		}
		found[strings.ToLower(strings.TrimSuffix(id, "Function"))] = p
	}
	return found
}

// logical is the name of a folder's function in the template.
func logical(folder string) string { return strings.ToUpper(folder[:1]) + folder[1:] + "Function" }

// event finds the one of a type that a function is invoked by, the first if there are more.
func (p properties) event(tb testing.TB, kind string) event {
	tb.Helper()
	for _, e := range p.Events {
		if e.Type == kind {
			return e
		}
	}
	tb.Fatalf("no event is a %s", kind)
	return event{}
}

var invoked = regexp.MustCompile(`/functions/\$\{(\w+)Function[.}]`)

// routes are the routes of the API, each with the folder of its function.
func (t template) routes(tb testing.TB) map[string]string {
	tb.Helper()
	var api struct {
		DefinitionBody struct {
			Paths map[string]map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(t.Resources["Api"].Properties, &api); err != nil {
		tb.Fatal(err)
	}
	found := map[string]string{}
	for path, methods := range api.DefinitionBody.Paths {
		for method, operation := range methods {
			if function := invoked.FindSubmatch(operation); function != nil {
				found[strings.ToUpper(method)+" "+path] = strings.ToLower(string(function[1]))
			}
		}
	}
	if len(found) == 0 {
		tb.Fatal("the API has no routes")
	}
	return found
}

// stack is the template with its parameters set and its resources made, as CloudFormation has it.
type stack struct {
	template
	parameters, resources map[string]string
}

// account is where the stack is.
const account = "123456789012"

// newStack sets the parameters that samconfig.toml has for staging. resources are what !Ref and !GetAtt come to.
func newStack(tb testing.TB, t template, resources map[string]string) *stack {
	tb.Helper()
	s := &stack{template: t, parameters: map[string]string{"AWS::AccountId": account}, resources: resources}
	for name, p := range t.Parameters {
		if p.Default != nil {
			s.parameters[name] = fmt.Sprint(p.Default)
		}
	}
	maps.Copy(s.parameters, overrides(tb)["staging deploy"])
	return s
}

// overrides are the parameters that samconfig.toml sets, by environment and command.
func overrides(tb testing.TB) map[string]map[string]string {
	tb.Helper()
	set, err := samfile.Overrides(root + "/samconfig.toml")
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// stageVariables are what the API says with each request.
func (s *stack) stageVariables(tb testing.TB) map[string]string {
	tb.Helper()
	var api struct{ StageVariables any }
	if err := json.Unmarshal(s.Resources["Api"].Properties, &api); err != nil {
		tb.Fatal(err)
	}
	set, _ := s.resolve(tb, api.StageVariables).(map[string]any) // nil is AWS::NoValue
	variables := map[string]string{}
	for name, value := range set {
		variables[name] = fmt.Sprint(value)
	}
	return variables
}

// environment is what a function's variables come to.
func (s *stack) environment(tb testing.TB, p properties) map[string]string {
	tb.Helper()
	env := map[string]string{}
	for name, value := range p.Environment.Variables {
		if value := s.resolve(tb, value); value != nil {
			env[name] = fmt.Sprint(value)
		}
	}
	return env
}

// resolve works out a value of the template; nil is AWS::NoValue. What it does not know fails the test.
func (s *stack) resolve(tb testing.TB, value any) any {
	tb.Helper()
	switch value := value.(type) {
	case []any:
		resolved := make([]any, len(value))
		for i, v := range value {
			resolved[i] = s.resolve(tb, v)
		}
		return resolved
	case map[string]any:
		for name, argument := range value {
			if strings.HasPrefix(name, "!") && len(value) == 1 {
				return s.call(tb, name, argument)
			}
		}
		resolved := map[string]any{}
		for name, v := range value {
			resolved[name] = s.resolve(tb, v)
		}
		return resolved
	default:
		return value
	}
}

var variable = regexp.MustCompile(`\$\{([^}]+)}`)

// call works out one of CloudFormation's functions.
func (s *stack) call(tb testing.TB, name string, argument any) any {
	tb.Helper()
	list, _ := argument.([]any)
	switch {
	case name == "!Ref" || name == "!GetAtt":
		return s.named(tb, fmt.Sprint(argument))
	case name == "!Sub" && list == nil:
		return variable.ReplaceAllStringFunc(fmt.Sprint(argument), func(v string) string {
			return fmt.Sprint(s.named(tb, variable.FindStringSubmatch(v)[1]))
		})
	case name == "!If" && len(list) == 3:
		if s.resolve(tb, s.Conditions[fmt.Sprint(list[0])]) == true {
			return s.resolve(tb, list[1])
		}
		return s.resolve(tb, list[2])
	case name == "!Equals" && len(list) == 2:
		return fmt.Sprint(s.resolve(tb, list[0])) == fmt.Sprint(s.resolve(tb, list[1]))
	case name == "!Not" && len(list) == 1:
		return s.resolve(tb, list[0]) != true
	case name == "!And":
		return !slices.ContainsFunc(list, func(condition any) bool { return s.resolve(tb, condition) != true })
	case name == "!Condition":
		return s.resolve(tb, s.Conditions[fmt.Sprint(argument)])
	}
	tb.Fatalf("%s %v is not known here", name, argument)
	return nil
}

func (s *stack) named(tb testing.TB, name string) any {
	tb.Helper()
	if name == "AWS::NoValue" {
		return nil
	}
	if value, ok := s.parameters[name]; ok {
		return value
	}
	value, ok := s.resources[name]
	if !ok {
		tb.Fatalf("%s is neither a parameter nor made here", name)
	}
	return value
}
