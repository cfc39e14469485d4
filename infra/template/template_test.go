// Package template_test compares template.yaml, and what stands beside it for deploying, with the code: nothing that is
// said in both can be changed in one alone. It says nothing about whether AWS accepts the template; make sam-check does.
package template_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/infra/template/samfile"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

// template is as much of template.yaml as is compared; package samfile says how it is read.
type template struct {
	Parameters map[string]struct {
		Default        any
		AllowedPattern string
		NoEcho         bool
	}
	Globals   struct{ Function functionProperties }
	Resources map[string]resource
}

type resource struct {
	Type, Condition     string
	DeletionPolicy      string
	UpdateReplacePolicy string
	Metadata            struct{ BuildMethod string }
	UpdatePolicy        any
	DependsOn           any
	Properties          json.RawMessage
}

type functionProperties struct {
	Role                          any
	Timeout                       int // in seconds
	Environment                   struct{ Variables map[string]any }
	LoggingConfig                 struct{ LogGroup any }
	AutoPublishAlias              string
	AutoPublishAliasAllProperties bool
	DeploymentPreference          any
	Events                        map[string]event
	EventInvokeConfig             struct {
		DestinationConfig struct{ OnFailure struct{ Destination any } }
	}
}

type event struct {
	Type       string
	Properties struct {
		FilterCriteria, Pattern any
		Input                   string
		DeadLetterConfig        struct{ Arn any }

		// Of a mapping from a stream.
		BatchSize, MaximumRetryAttempts, MaximumRecordAgeInSeconds int
		BisectBatchOnFunctionError                                 bool
		FunctionResponseTypes                                      []string
		DestinationConfig                                          struct {
			OnFailure struct{ Type, Destination any }
		}
	}
}

// load reads the template.
func load(tb testing.TB) template {
	tb.Helper()
	var t template
	if err := samfile.Read("../../template.yaml", &t); err != nil {
		tb.Fatal(err)
	}
	return t
}

// into gives a value the shape of another, by way of JSON.
func into(tb testing.TB, value, target any) {
	tb.Helper()
	if err := samfile.Into(value, target); err != nil {
		tb.Fatal(err)
	}
}

// properties reads those of a resource.
func (t template) properties(tb testing.TB, id string) map[string]any {
	tb.Helper()
	r, ok := t.Resources[id]
	if !ok {
		tb.Fatalf("the template has no resource %s", id)
	}
	var p map[string]any
	into(tb, r.Properties, &p)
	return p
}

// functions are the functions by folder: SessionFunction is functions/session.
func (t template) functions(tb testing.TB) map[string]functionProperties {
	tb.Helper()
	found := map[string]functionProperties{}
	for id, r := range t.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		var p functionProperties
		into(tb, r.Properties, &p)
		found[strings.ToLower(strings.TrimSuffix(id, "Function"))] = p
	}
	return found
}

// schedules are the functions that run by one, each with its event.
func (t template) schedules(tb testing.TB) map[string]event {
	tb.Helper()
	found := map[string]event{}
	for folder, f := range t.functions(tb) {
		for _, e := range f.Events {
			if e.Type == "ScheduleV2" {
				found[folder] = e
			}
		}
	}
	return found
}

// logical is what resources of a function's folder are called.
func logical(folder, kind string) string { return strings.ToUpper(folder[:1]) + folder[1:] + kind }

// ref and attribute are what !Ref and !GetAtt read as.
func ref(to string) any       { return map[string]any{"!Ref": to} }
func attribute(of string) any { return map[string]any{"!GetAtt": of} }

// texts lists every text in a value, wherever it stands.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var found []string
		for _, v := range value {
			found = append(found, texts(v)...)
		}
		return found
	case map[string]any:
		return texts(slices.Collect(maps.Values(value)))
	default:
		return nil
	}
}

// list reads what may be one text or several.
func list(value any) []string {
	if one, ok := value.(string); ok {
		return []string{one}
	}
	var several []string
	for _, v := range value.([]any) {
		several = append(several, fmt.Sprint(v))
	}
	return several
}
