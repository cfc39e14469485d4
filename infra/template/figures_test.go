package template_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/httpapi"
)

// figure is a metric of CloudWatch.
type figure struct {
	Namespace, MetricName string
	Dimensions            []struct {
		Name  string
		Value any
	}
}

// ofAWS are the metrics of AWS that are read, each with its dimensions as AWS's documentation of the service has them.
var ofAWS = map[string]string{
	"AWS/ApiGateway Count": "ApiId", "AWS/ApiGateway 4xx": "ApiId", "AWS/ApiGateway 5xx": "ApiId", "AWS/ApiGateway Latency": "ApiId",
	"AWS/Lambda Errors": "FunctionName", "AWS/Lambda Throttles": "FunctionName", "AWS/Lambda Duration": "FunctionName",
	"AWS/Lambda IteratorAge": "FunctionName", "AWS/Lambda ConcurrentExecutions": "FunctionName",
	"AWS/SQS ApproximateNumberOfMessagesVisible": "QueueName",
	"AWS/DynamoDB ThrottledRequests":             "TableName Operation", "AWS/DynamoDB SystemErrors": "TableName Operation",
	"AWS/DynamoDB SuccessfulRequestLatency": "TableName Operation", "AWS/DynamoDB ReadThrottleEvents": "TableName",
	"AWS/DynamoDB WriteThrottleEvents": "TableName", "AWS/DynamoDB ConsumedReadCapacityUnits": "TableName",
	"AWS/DynamoDB ConsumedWriteCapacityUnits": "TableName",
	"AWS/SES Reputation.BounceRate":           "", "AWS/SES Reputation.ComplaintRate": "", "AWS/SES Send": "", "AWS/SES Bounce": "",
	"AWS/SES Complaint": "", "AWS/Backup NumberOfBackupJobsCompleted": "BackupVaultName",
}

// wholeAccount are metrics that are read of the account as well.
var wholeAccount = []string{"AWS/Lambda Throttles"}

// check fails the test unless somebody makes the figure: AWS, or the program's function that it is said to be of.
func (f figure) check(t *testing.T, where string, made map[string]bool) {
	t.Helper()
	name := f.Namespace + " " + f.MetricName
	var dimensions []string
	for _, d := range f.Dimensions {
		dimensions = append(dimensions, d.Name)
	}
	if f.Namespace == "Caretaker" {
		of := strings.ToLower(strings.TrimSuffix(strings.Trim(strings.Join(texts(f.Dimensions[0].Value), ""), "${}"), "Function"))
		if strings.Join(dimensions, " ") != "Function" || !made[of+" "+f.MetricName] {
			t.Errorf("%s reads %s of the function %s, which does not write it", where, f.MetricName, of)
		}
		return
	}
	known, documented := ofAWS[name]
	for _, n := range wholeAccount {
		documented = documented || n == name
		if n == name && len(dimensions) == 0 {
			known = ""
		}
	}
	if !documented || strings.Join(dimensions, " ") != known {
		t.Errorf("%s reads %s by %v, which AWS does not have", where, name, dimensions)
	}
}

func TestAlarmsReadFiguresThatThereAre(t *testing.T) {
	t.Parallel()
	made := written(t)
	for id, a := range load(t).alarms(t) {
		figures := a.figures()
		if len(figures) == 0 {
			t.Errorf("%s reads nothing", id)
		}
		for _, f := range figures {
			f.check(t, id, made)
		}
	}
}

// written are the figures that the functions write into their logs, each as function and name, found by having them do what
// they do.
func written(t *testing.T) map[string]bool {
	t.Helper()
	var log bytes.Buffer
	local, err := host.OpenEmbedded(app.Config{
		BaseURL: "http://127.0.0.1", MailFrom: "no-reply@caretaker.example", Product: "Caretaker", Log: slog.New(slog.NewJSONHandler(&log, nil)),
	}, host.InMemory, time.Now, apptest.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	_, swept := local.Sweep(t.Context())
	_, digested := local.Digest(t.Context())
	_, tidied := local.Notify(t.Context(), samEvent(t, "notify-schedule"))
	_, heeded := local.Heed(t.Context(), samEvent(t, "mailfeedback-bounce"))
	if err := errors.Join(swept, digested, tidied, heeded); err != nil {
		t.Fatal(err)
	}
	handler, err := local.HTTP(httpapi.Areas()...)
	if err != nil {
		t.Fatal(err)
	}
	signIn := func() {
		body := strings.NewReader(`{"organisation":"bash-street","username":"danny","password":"Minnie7Minx"}`)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/api/v1/session", body)
		r.Header.Set("Content-Type", "application/json")
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	signIn() // refused
	if err := local.Close(); err != nil {
		t.Fatal(err)
	}
	signIn() // failed: there is no store any more
	return figuresIn(t, log.Bytes())
}

// figuresIn reads a log as CloudWatch does. What the functions behind the API write is the same for all of them.
func figuresIn(t *testing.T, log []byte) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for line := range bytes.Lines(log) {
		var l struct {
			Function string
			About    struct {
				CloudWatchMetrics []struct {
					Namespace string
					Metrics   []struct{ Name string }
				}
			} `json:"_aws"`
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		functions := []string{l.Function}
		if l.Function == "http" {
			functions = nil
			for _, area := range httpapi.Areas() {
				functions = append(functions, area.Name)
			}
		}
		for _, c := range l.About.CloudWatchMetrics {
			if c.Namespace != "Caretaker" {
				t.Errorf("figures are written for %s", c.Namespace)
			}
			for _, m := range c.Metrics {
				for _, f := range functions {
					found[f+" "+m.Name] = true
				}
			}
		}
	}
	return found
}

// dashboard is what the dashboard shows.
type dashboard struct {
	Widgets []struct {
		Type                string
		X, Y, Width, Height int
		Properties          struct {
			Title   string
			Metrics [][]any
			Alarms  []string
		}
	}
}

func (t template) dashboard(tb testing.TB) (d dashboard) {
	tb.Helper()
	body := t.properties(tb, "Dashboard")["DashboardBody"].(map[string]any)["!Sub"].(string)
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		tb.Fatalf("the dashboard is no JSON: %v", err)
	}
	return d
}

// figureIn reads a line of a widget: namespace, name, then names and values of dimensions, then settings.
func figureIn(line []any) (f figure) {
	f.Namespace, f.MetricName = line[0].(string), line[1].(string)
	for i := 2; i+1 < len(line); i += 2 {
		f.Dimensions = append(f.Dimensions, struct {
			Name  string
			Value any
		}{line[i].(string), line[i+1]})
	}
	return f
}

func TestTheDashboardShowsFiguresThatThereAre(t *testing.T) {
	t.Parallel()
	made, all := written(t), load(t)
	shown := map[string]bool{}
	for _, w := range all.dashboard(t).Widgets {
		if w.X+w.Width > 24 || w.Width == 0 || w.Height == 0 {
			t.Errorf("%q is at %d and %d wide", w.Properties.Title, w.X, w.Width)
		}
		for _, line := range w.Properties.Metrics {
			f := figureIn(line)
			f.check(t, "the dashboard's "+w.Properties.Title, made)
			for _, d := range f.Dimensions {
				shown[f.MetricName+" "+d.Value.(string)] = true
			}
		}
	}
	for folder := range all.functions(t) {
		if !shown["Errors ${"+logical(folder, "Function")+"}"] {
			t.Errorf("nothing is shown of %s", folder)
		}
	}
}

// All alarms but that of backups, which only production has: a dashboard cannot name what may not be there.
func TestTheDashboardBeginsWithAllAlarms(t *testing.T) {
	t.Parallel()
	all := load(t)
	first := all.dashboard(t).Widgets[0]
	shown := map[string]bool{}
	for _, a := range first.Properties.Alarms {
		shown[regexp.MustCompile(`^\$\{(\w+)\.Arn}$`).ReplaceAllString(a, "$1")] = true
	}
	for id, r := range all.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" && shown[id] == (r.Condition != "") {
			t.Errorf("%s is shown: %t", id, shown[id])
		}
	}
}
