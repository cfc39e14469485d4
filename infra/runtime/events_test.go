//go:build linux

package runtime_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// generated are the events that SAM can generate, by what the kept ones are named after; the rest, which begins with the
// name of an area of the interface, are requests.
var generated = map[string]string{
	"notify-stream":       "dynamodb update",
	"mailfeedback-bounce": envelope,
}

const (
	generatedRequest = "apigateway http-api-proxy"
	envelope         = "cloudwatch scheduled-event" // as EventBridge has it around everything
)

// generate has SAM generate an event, and returns its form.
func generate(tb testing.TB, kind string) form {
	tb.Helper()
	text, err := runMake("sam-events", "SAM_EVENT="+kind)
	if err != nil {
		tb.Fatal(err)
	}
	return formOf(tb, text)
}

// form is the names of the members of an event, from the outside in, each with the kind of its value.
type form map[string]string

// free are members whose names, or whose form, are the sender's choice.
var free = []string{
	".headers", ".queryStringParameters", ".pathParameters", ".stageVariables", ".requestContext.authorizer",
	".requestContext.authentication", ".Records[].dynamodb.Keys", ".Records[].dynamodb.NewImage", ".Records[].dynamodb.OldImage",
	".detail",
}

func formOf(tb testing.TB, event []byte) form {
	tb.Helper()
	var value any
	if err := json.Unmarshal(event, &value); err != nil {
		tb.Fatalf("%v: %s", err, event)
	}
	f := form{}
	f.add("", value)
	return f
}

func (f form) add(name string, value any) {
	f[name] = fmt.Sprintf("%T", value)
	if slices.Contains(free, name) {
		return
	}
	switch value := value.(type) {
	case map[string]any:
		for member, v := range value {
			f.add(name+"."+member, v)
		}
	case []any:
		for _, v := range value {
			f.add(name+"[]", v)
		}
	}
}

// optional are members that an event has only where there is something to say.
var optional = append([]string{".cookies", ".cookies[]", ".body", ".resources[]"}, free...)

// wantForm fails the test unless an event has the form of a generated one.
func (f form) want(tb testing.TB, what string, got form) {
	tb.Helper()
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if kind := f[name]; kind != got[name] && (kind != "" || !slices.Contains(optional, name)) {
			tb.Errorf("%s: %s is %s, generated %q", what, name, got[name], kind)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if got[name] == "" && !slices.Contains(optional, name) {
			tb.Errorf("%s: there is no %s", what, name)
		}
	}
}

func TestEventsForSAMLocalHaveTheFormOfGeneratedOnes(t *testing.T) {
	t.Parallel()
	for name, kind := range generated {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := formOf(t, keptEvent(t, name))
			if kind == envelope {
				delete(got, ".version") // EventBridge has it in every event; what SAM generates is older
			}
			generate(t, kind).want(t, name, got)
		})
	}
	t.Run("requests", func(t *testing.T) {
		t.Parallel()
		want := generate(t, generatedRequest)
		for _, area := range httpapi.Areas() {
			want.want(t, area.Name, formOf(t, keptEvent(t, area.Name)))
		}
	})
}

// wantForms fails the test unless the events that this deployment made have the form of those that are kept, which have
// that of generated ones.
func (d *deployment) wantForms(t *testing.T) {
	t.Helper()
	kept := formOf(t, keptEvent(t, "session"))
	last, err := json.Marshal(d.gateway.last)
	if err != nil {
		t.Fatal(err)
	}
	kept.want(t, "a request", formOf(t, last))
	formOf(t, keptEvent(t, "notify-stream")).want(t, "a batch of the stream", formOf(t, d.stream.last))
}

// takeKeptEvents hands every event that is kept for sam local to its function, as `sam local invoke` would.
func (d *deployment) takeKeptEvents(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(root + "/infra/sam-local/events/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		folder, kind, _ := strings.Cut(name, "-")
		switch kind {
		case "":
			var answer struct{ StatusCode int }
			d.invoke(t, folder, keptEvent(t, name), &answer)
			if answer.StatusCode != http.StatusUnauthorized { // nobody is signed in
				t.Errorf("%s: %d", name, answer.StatusCode)
			}
		case "stream":
			var answer app.Notified
			d.invoke(t, folder, keptEvent(t, name), &answer)
			if len(answer.BatchItemFailures) != 0 {
				t.Errorf("%s: %v", name, answer.BatchItemFailures)
			}
		default:
			d.invoke(t, folder, keptEvent(t, name), nil)
		}
	}
}

// What `make sam-local` serves is found by the SAM CLI's own code, which reads templates in a way of its own.
func TestSAMLocalServesTheRoutesOfTheTemplate(t *testing.T) {
	t.Parallel()
	folder, err := built()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runMake("sam-local-template", "SAM_BUILD="+folder); err != nil {
		t.Fatal(err)
	}
	args := []string{"routes.py", filepath.Join(folder, "local.yaml")}
	for name, value := range overrides(t)["local local_start_api"] {
		args = append(args, name+"="+value)
	}
	python := exec.CommandContext(t.Context(), root+"/.tools/sam/bin/python", args...)
	python.Env = []string{"SAM_CLI_TELEMETRY=0", "AWS_DEFAULT_REGION=eu-west-2"}
	out, err := python.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for line := range strings.Lines(string(out)) {
		parts := strings.Fields(line)
		if parts[0] == "OPTIONS" { // answered by API Gateway itself, by the template's CorsConfiguration
			continue
		}
		got[parts[0]+" "+parts[1]] = strings.ToLower(strings.TrimSuffix(parts[2], "Function"))
	}
	if diff := cmp.Diff(loadTemplate(t).routes(t), got); diff != "" {
		t.Errorf("template -, sam local +\n%s", diff)
	}
}
