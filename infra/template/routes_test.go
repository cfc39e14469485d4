package template_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/httpapi"
)

// documentRoute is the one address that is not an operation.
const documentRoute = "GET /api/openapi.json"

// routes are the routes of the template, each with the folder of its function and the name of its event.
func (t template) routes(tb testing.TB) map[string]string {
	tb.Helper()
	found := map[string]string{}
	for folder, f := range t.functions(tb) {
		for name, e := range f.Events {
			if e.Type != "HttpApi" {
				continue
			}
			route := e.Properties.Method + " " + e.Properties.Path
			if other, twice := found[route]; twice {
				tb.Errorf("%s leads to %s and to %s", route, other, folder)
			}
			found[route] = folder + " " + name
		}
	}
	return found
}

func TestEveryOperationHasARouteToTheFunctionThatServesIt(t *testing.T) {
	t.Parallel()
	want := map[string]string{documentRoute: "session OpenAPI"}
	for _, op := range httpapi.Operations() {
		event := strings.ToUpper(op.ID[:1]) + op.ID[1:]
		want[op.Method+" "+httpapi.Prefix+op.Path] = op.Area + " " + event
	}
	if diff := cmp.Diff(want, load(t).routes(t)); diff != "" {
		t.Errorf("operations -, template +\n%s", diff)
	}
}

func TestEveryRouteBelongsToTheAPI(t *testing.T) {
	t.Parallel()
	for folder, f := range load(t).functions(t) {
		for name, e := range f.Events {
			if e.Type == "HttpApi" && !cmp.Equal(e.Properties.ApiId, ref("Api")) {
				t.Errorf("%s: %s is a route of %v", folder, name, e.Properties.ApiId)
			}
		}
	}
}

type throttle struct{ ThrottlingRateLimit, ThrottlingBurstLimit float64 }

type api struct {
	CorsConfiguration struct {
		If []any `json:"!If"`
	}
	DefaultRouteSettings throttle
	RouteSettings        map[string]throttle
	AccessLogSettings    struct{ Format string }
}

func (t template) api(tb testing.TB) (a api) {
	tb.Helper()
	into(tb, t.Resources["Api"].Properties, &a)
	return a
}

func TestWhatAnybodyCanAskForIsThrottledMoreStrictly(t *testing.T) {
	t.Parallel()
	all := load(t)
	settings := all.api(t)
	var public []string
	for _, op := range httpapi.Operations() {
		if op.Access == httpapi.Public {
			public = append(public, op.Method+" "+httpapi.Prefix+op.Path)
		}
	}
	for _, route := range public {
		limit := settings.RouteSettings[route]
		if limit == (throttle{}) || limit.ThrottlingRateLimit >= settings.DefaultRouteSettings.ThrottlingRateLimit ||
			limit.ThrottlingBurstLimit >= settings.DefaultRouteSettings.ThrottlingBurstLimit {
			t.Errorf("%s is throttled at %+v, everything at %+v", route, limit, settings.DefaultRouteSettings)
		}
	}
	for route := range settings.RouteSettings {
		if all.routes(t)[route] == "" { // API Gateway refuses to deploy settings of a route that is not there
			t.Errorf("there are settings for %s, which is no route", route)
		}
	}
}

func TestOtherOriginsMaySendWhatOperationsRead(t *testing.T) {
	t.Parallel()
	cors := load(t).api(t).CorsConfiguration.If
	if len(cors) != 3 || cors[0] != "OtherOrigins" || !cmp.Equal(cors[2], ref("AWS::NoValue")) {
		t.Fatalf("without other origins there must be nothing; got %v", cors)
	}
	given := cors[1].(map[string]any)
	methods, headers := read()
	for what, want := range map[string]map[string]bool{"AllowMethods": methods, "AllowHeaders": headers} {
		got := map[string]bool{}
		for _, name := range list(given[what]) {
			got[name] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: operations -, template +\n%s", what, diff)
		}
	}
	if given["AllowCredentials"] != true {
		t.Error("a session's cookie would not be sent")
	}
}

// read collects the methods that operations have and the headers that they read.
func read() (methods, headers map[string]bool) {
	methods, headers = map[string]bool{}, map[string]bool{"content-type": true}
	for _, path := range httpapi.Document().Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
			if op == nil {
				continue
			}
			methods[op.Method] = true
			for _, p := range op.Parameters {
				if p.In == "header" {
					headers[strings.ToLower(p.Name)] = true
				}
			}
		}
	}
	return methods, headers
}

func TestAccessLogsTellNothingOfAPerson(t *testing.T) {
	t.Parallel()
	format := load(t).api(t).AccessLogSettings.Format
	harmless := []string{ // of https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
		"requestTimeEpoch", "requestId", "routeKey", "status", "responseLatency", "integrationLatency",
		"integrationStatus", "responseLength", "error.responseType",
	}
	var logged map[string]string
	if err := json.Unmarshal([]byte(format), &logged); err != nil {
		t.Fatalf("the format is not JSON of texts: %v", err)
	}
	for name, variable := range logged {
		if !slices.Contains(harmless, strings.TrimPrefix(variable, "$context.")) {
			t.Errorf("%s holds %s", name, variable)
		}
	}
	if len(logged) == 0 || strings.Contains(format, "\n") { // CloudWatch takes a line for an entry
		t.Errorf("the format is %q", format)
	}
}

// pathOf is the path of a route.
func pathOf(route string) string {
	_, path, _ := strings.Cut(route, " ")
	return path
}
