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

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
)

func TestMain(m *testing.M) { os.Exit(emulatortest.Main(m)) }

// template is as much of template.yaml as is compared. A short-form function such as !Ref Table is read as the map
// {"!Ref": "Table"}.
type template struct {
	Parameters map[string]struct{ Default any }
	Globals    struct{ Function functionProperties }
	Resources  map[string]resource
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
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		tb.Fatal(err)
	}
	var t template
	into(tb, anchors{}.plain(tb, file.Docs[0].Body), &t)
	return t
}

// anchors are the values that a document refers to, by name.
type anchors map[string]any

// plain turns YAML into maps, slices and scalars.
func (a anchors) plain(tb testing.TB, node ast.Node) any {
	tb.Helper()
	switch node := node.(type) {
	case *ast.AnchorNode:
		value := a.plain(tb, node.Value)
		a[node.Name.GetToken().Value] = value
		return value
	case *ast.AliasNode:
		value, known := a[node.Value.GetToken().Value]
		if !known {
			tb.Fatalf("%s refers to nothing", node)
		}
		return value
	case *ast.TagNode:
		return map[string]any{node.Start.Value: a.plain(tb, node.Value)}
	case ast.MapNode:
		values := map[string]any{}
		for pairs := node.MapRange(); pairs.Next(); {
			values[pairs.Key().GetToken().Value] = a.plain(tb, pairs.Value())
		}
		return values
	case *ast.SequenceNode:
		values := []any{}
		for _, v := range node.Values {
			values = append(values, a.plain(tb, v))
		}
		return values
	}
	var value any
	if err := yaml.NodeToValue(node, &value); err != nil {
		tb.Fatal(err)
	}
	return value
}

// into gives a value the shape of another, by way of JSON.
func into(tb testing.TB, value, target any) {
	tb.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, target)
	}
	if err != nil {
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
