package template_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/httpapi"
)

// documentRoute is the one address of the API that is not an operation.
const documentRoute = "GET /api/openapi.json"

// consoleFolder is the function that serves the console, and no area of the API.
const consoleFolder = "console"

// consoleRoutes are for browsers: the first page, and whatever nothing else is for.
var consoleRoutes = []string{"GET /", "GET /{proxy+}"}

// path is what stands under a path of the API: its methods, each with an integration, and its parameters.
type path map[string]json.RawMessage

type integration struct {
	Integration struct {
		Type, HTTPMethod, PayloadFormatVersion string
		URI                                    struct {
			Sub string `json:"!Sub"`
		}
	} `json:"x-amazon-apigateway-integration"`
}

// invocation is the address of a function's alias, as API Gateway names it.
var invocation = regexp.MustCompile(
	`^arn:\$\{AWS::Partition}:apigateway:\$\{AWS::Region}:lambda:path/2015-03-31/functions/\$\{(\w+)Function\.Alias}/invocations$`)

// routes are the routes of the template, each with the folder of its function.
func (t template) routes(tb testing.TB) map[string]string {
	tb.Helper()
	found := map[string]string{}
	for address, methods := range t.api(tb).DefinitionBody.Paths {
		for method, raw := range methods {
			if method == "parameters" {
				continue
			}
			var i integration
			into(tb, raw, &i)
			to := invocation.FindStringSubmatch(i.Integration.URI.Sub)
			if to == nil || i.Integration.Type != "aws_proxy" || i.Integration.HTTPMethod != "POST" || i.Integration.PayloadFormatVersion != "2.0" {
				tb.Fatalf("%s %s: %+v", method, address, i)
			}
			found[strings.ToUpper(method)+" "+address] = strings.ToLower(to[1])
		}
	}
	return found
}

func TestEveryOperationHasARouteToTheFunctionThatServesIt(t *testing.T) {
	t.Parallel()
	want := map[string]string{documentRoute: "session"}
	for _, op := range httpapi.Operations() {
		want[op.Method+" "+httpapi.Prefix+op.Path] = op.Area
	}
	for _, route := range consoleRoutes {
		want[route] = consoleFolder
	}
	if diff := cmp.Diff(want, load(t).routes(t)); diff != "" {
		t.Errorf("operations -, template +\n%s", diff)
	}
}

// API Gateway warns of a parameter that is not declared, and the deployment fails on warnings.
func TestEveryPathDeclaresItsParameters(t *testing.T) {
	t.Parallel()
	inPath := regexp.MustCompile(`\{(\w+)\+?}`)
	for address, methods := range load(t).api(t).DefinitionBody.Paths {
		var declared []struct {
			Name, In string
			Required bool
		}
		if raw := methods["parameters"]; raw != nil {
			into(t, raw, &declared)
		}
		wanted := inPath.FindAllStringSubmatch(address, -1)
		if len(wanted) != len(declared) {
			t.Errorf("%s declares %v", address, declared)
			continue
		}
		for i, w := range wanted {
			if d := declared[i]; d.Name != w[1] || d.In != "path" || !d.Required {
				t.Errorf("%s declares %+v", address, d)
			}
		}
	}
}

// A function behind the API may be invoked by the API and by no other, all routes by one statement: of one for each, which SAM
// makes of events, a function's policy has room for some 45.
func TestOneStatementLetsTheAPIInvokeAFunction(t *testing.T) {
	t.Parallel()
	all := load(t)
	behind := map[string]bool{}
	for _, folder := range all.routes(t) {
		behind[logical(folder, "Permission")] = true
	}
	for id, r := range all.Resources {
		if r.Type != "AWS::Lambda::Permission" {
			continue
		}
		want := map[string]any{
			"Action": "lambda:InvokeFunction", "FunctionName": ref(strings.TrimSuffix(id, "Permission") + "Function.Alias"),
			"Principal": "apigateway.amazonaws.com",
			"SourceArn": map[string]any{"!Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"},
		}
		if diff := cmp.Diff(want, all.properties(t, id)); diff != "" || !behind[id] {
			t.Errorf("%s lets somebody else invoke a function: wanted -, template +\n%s", id, diff)
		}
		delete(behind, id)
	}
	if len(behind) > 0 {
		t.Errorf("these are missing: %v", behind)
	}
	for folder, f := range all.functions(t) {
		for name, e := range f.Events {
			if e.Type == "HttpApi" {
				t.Errorf("%s: SAM makes a statement of the event %s", folder, name)
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
	DefinitionBody       struct{ Paths map[string]path }
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
