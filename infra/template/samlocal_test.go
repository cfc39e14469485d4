package template_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

const samLocal = "../sam-local/"

// samEvent reads an event for sam local.
func samEvent(tb testing.TB, name string) json.RawMessage {
	tb.Helper()
	text, err := os.ReadFile(samLocal + "events/" + name + ".json")
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// decode reads an event and refuses what its type does not know.
func decode(tb testing.TB, text []byte, event any) {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(event); err != nil {
		tb.Fatal(err)
	}
}

func TestEveryFunctionHasAnEventForSAMLocal(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(samLocal + "events/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, strings.TrimSuffix(filepath.Base(f), ".json"))
	}
	want := []string{"notify-stream", "mailfeedback-bounce"}
	for folder := range load(t).schedules(t) {
		want = append(want, folder+"-schedule")
	}
	for _, area := range httpapi.Areas() {
		want = append(want, area.Name)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
		t.Errorf("functions -, events +\n%s", diff)
	}
}

func TestHTTPEventsAreRequestsForARouteOfTheirFunction(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, area := range httpapi.Areas() {
		folder := area.Name
		var e events.APIGatewayV2HTTPRequest
		decode(t, samEvent(t, folder), &e)
		if all.routes(t)[e.RouteKey] != folder {
			t.Errorf("%s: %q is no route of it", folder, e.RouteKey)
		}
		request := e.RequestContext.HTTP
		path := pathOf(e.RouteKey)
		for name, value := range e.PathParameters {
			path = strings.ReplaceAll(path, "{"+name+"}", value)
		}
		if e.Version != "2.0" || e.RequestContext.RouteKey != e.RouteKey || e.RawPath != path || request.Path != path ||
			request.Method+" "+pathOf(e.RouteKey) != e.RouteKey || e.RequestContext.Stage != "$default" {
			t.Errorf("%s contradicts itself: %+v", folder, e)
		}
		if e.Body != "" && !json.Valid([]byte(e.Body)) {
			t.Errorf("%s: the body is not JSON: %s", folder, e.Body)
		}
	}
}

func TestStreamEventIsANewMail(t *testing.T) {
	t.Parallel()
	var e events.DynamoDBEvent
	decode(t, samEvent(t, "notify-stream"), &e)
	if len(e.Records) != 1 || e.Records[0].EventName != "INSERT" {
		t.Fatalf("got %+v", e.Records)
	}
	change, err := dynamo.Decode(e.Records[0])
	if err != nil {
		t.Fatal(err)
	}
	mail, wanted, err := store.MailOf(change)
	if err != nil || !wanted {
		t.Fatalf("asks for no mail: %+v, %v", change, err)
	}
	if change.Key.Partition != store.Join("outbox", string(mail.Org), string(mail.User)) || change.Key.Sort != mail.ID {
		t.Errorf("the mail %+v is kept under %+v", mail, change.Key)
	}
}

func TestScheduleEventIsWhatTheScheduleSends(t *testing.T) {
	t.Parallel()
	for folder, schedule := range load(t).schedules(t) {
		var sent, kept events.EventBridgeEvent
		decode(t, []byte(schedule.Properties.Input), &sent)
		decode(t, samEvent(t, folder+"-schedule"), &kept)
		if diff := cmp.Diff(sent, kept); diff != "" {
			t.Errorf("%s: template -, event +\n%s", folder, diff)
		}
	}
}

func TestEnvironmentForSAMLocalSetsEveryVariable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(samLocal + "env.json")
	if err != nil {
		t.Fatal(err)
	}
	var env struct{ Parameters map[string]string }
	decode(t, text, &env)
	all := load(t)
	want := map[string]bool{}
	for name := range all.Globals.Function.Environment.Variables {
		want[name] = true
	}
	for name := range all.functions(t)["notify"].Environment.Variables {
		want[name] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(env.Parameters))); diff != "" {
		t.Errorf("template -, env.json +\n%s", diff)
	}
}
