package template_test

import (
	"encoding/json"
	"os"
	"regexp"
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

// maxPolicy is the most bytes that a function's own policy may have (Lambda's quotas). SAM adds a statement for each route.
const maxPolicy = 20 << 10

// TestPermissionsOfAFunctionsRoutesFitIntoItsPolicy reckons with the longest stack name that is deployed; when it fails, an
// area has grown too large for one function and is to be split.
func TestPermissionsOfAFunctionsRoutesFitIntoItsPolicy(t *testing.T) {
	t.Parallel()
	stack, random := longestStack(t), strings.Repeat("x", 12) // what CloudFormation puts behind names
	sizes := map[string]int{}
	for route, of := range load(t).routes(t) {
		folder, event, _ := strings.Cut(of, " ")
		method, path, _ := strings.Cut(route, " ")
		function := logical(folder, "Function")
		statement, err := json.Marshal(map[string]any{
			"Sid": stack + "-" + function + event + "Permission-" + random, "Effect": "Allow",
			"Principal": map[string]string{"Service": "apigateway.amazonaws.com"}, "Action": "lambda:InvokeFunction",
			"Resource": "arn:aws:lambda:eu-west-2:123456789012:function:" + stack + "-" + function + "-" + random,
			"Condition": map[string]any{"ArnLike": map[string]string{
				"AWS:SourceArn": "arn:aws:execute-api:eu-west-2:123456789012:a1b2c3d4e5/*/" + method + path,
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		sizes[folder] += len(statement) + len(",")
	}
	for folder, size := range sizes {
		t.Logf("%s: %d of %d bytes", folder, size, maxPolicy)
		if size > maxPolicy {
			t.Errorf("the policy of the function %s would have %d bytes, at most %d are possible", folder, size, maxPolicy)
		}
	}
}

// longestStack is the longest name of a stack that samconfig.toml has.
func longestStack(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile("../../samconfig.toml")
	if err != nil {
		tb.Fatal(err)
	}
	longest := ""
	for _, name := range regexp.MustCompile(`(?m)^stack_name = "(.+)"$`).FindAllStringSubmatch(string(text), -1) {
		if len(name[1]) > len(longest) {
			longest = name[1]
		}
	}
	if longest == "" {
		tb.Fatal("no stack has a name")
	}
	return longest
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
