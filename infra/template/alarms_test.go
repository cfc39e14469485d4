package template_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// alarm is as much of one as is looked at.
type alarm struct {
	figure
	AlarmDescription          string
	Period, EvaluationPeriods int
	TreatMissingData          string
	AlarmActions, OKActions   []any
	Metrics                   []struct {
		MetricStat *struct {
			Metric figure
			Period int
		}
	}
}

// figures are the metrics that an alarm reads.
func (a alarm) figures() []figure {
	if a.MetricName != "" {
		return []figure{a.figure}
	}
	var found []figure
	for _, m := range a.Metrics {
		if m.MetricStat != nil {
			found = append(found, m.MetricStat.Metric)
		}
	}
	return found
}

func (t template) alarms(tb testing.TB) map[string]alarm {
	tb.Helper()
	found := map[string]alarm{}
	for id, r := range t.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" {
			var a alarm
			into(tb, r.Properties, &a)
			found[id] = a
		}
	}
	return found
}

// allAlarms are those of the deployment, and of the edge in front of it.
func allAlarms(tb testing.TB) map[string]alarm {
	tb.Helper()
	found := load(tb).alarms(tb)
	maps.Copy(found, loadEdge(tb).alarms(tb))
	return found
}

const runbooks = "../../docs/runbooks/"

var (
	runbookOf = regexp.MustCompile(`Runbook: docs/runbooks/([a-z-]+\.md)$`)
	linked    = regexp.MustCompile(`]\(([^):]+\.md)\)`)
	named     = regexp.MustCompile("`([A-Za-z]+Alarm)`")
)

// Who is woken by an alarm finds what to do, and what is written for an alarm is about one that there is.
func TestEveryAlarmHasARunbookAndEveryRunbookAnAlarm(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(runbooks + "*.md")
	if err != nil {
		t.Fatal(err)
	}
	about := map[string][]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		about[filepath.Base(f)] = []string{}
		for _, name := range named.FindAllStringSubmatch(string(text), -1) {
			about[filepath.Base(f)] = append(about[filepath.Base(f)], name[1])
		}
	}
	want := map[string][]string{}
	for id, a := range allAlarms(t) {
		link := runbookOf.FindStringSubmatch(a.AlarmDescription)
		if link == nil {
			t.Errorf("%s names no runbook: %s", id, a.AlarmDescription)
			continue
		}
		want[link[1]] = append(want[link[1]], id)
	}
	for _, ids := range []map[string][]string{want, about} {
		for name := range ids {
			slices.Sort(ids[name])
			ids[name] = slices.Compact(ids[name])
		}
	}
	if diff := cmp.Diff(want, about); diff != "" {
		t.Errorf("alarms by the runbook they name -, runbooks by the alarms they name +\n%s", diff)
	}
}

// A runbook sends nobody to a page that is not there.
func TestRunbooksLeadSomewhere(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(runbooks + "*.md")
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range linked.FindAllStringSubmatch(string(text), -1) {
			links++
			if _, err := os.Stat(runbooks + link[1]); err != nil {
				t.Errorf("%s leads to %s: %v", filepath.Base(f), link[1], err)
			}
		}
	}
	if links == 0 {
		t.Error("no link was found")
	}
}

// An alarm that tells nobody, or that never comes because nothing is there, is none.
func TestAlarmsAreToldAndSayWhatSilenceMeans(t *testing.T) {
	t.Parallel()
	topic := []any{ref("AlarmTopic")}
	for id, a := range allAlarms(t) {
		if !cmp.Equal(a.AlarmActions, topic) || !cmp.Equal(a.OKActions, topic) || a.TreatMissingData == "" {
			t.Errorf("%s tells %v and %v, and takes silence for %q", id, a.AlarmActions, a.OKActions, a.TreatMissingData)
		}
		period := a.Period
		for _, m := range a.Metrics {
			if m.MetricStat != nil {
				period = m.MetricStat.Period
			}
		}
		limit := 24 * 60 * 60 // CloudWatch's, for what it looks at
		if period >= 60*60 {
			limit *= 7
		}
		if looked := period * a.EvaluationPeriods; looked == 0 || looked > limit {
			t.Errorf("%s looks at %d seconds, %d are possible", id, looked, limit)
		}
	}
}

func TestWhatDoesNotHappenIsAnAlarmToo(t *testing.T) {
	t.Parallel()
	all := load(t).alarms(t)
	for _, id := range []string{"SweepNotRunAlarm", "BackupMissingAlarm"} {
		a := all[id]
		if hours := a.Period * a.EvaluationPeriods / (60 * 60); hours != 26 || a.TreatMissingData != "breaching" {
			t.Errorf("%s: silence is %s for %d hours", id, a.TreatMissingData, hours)
		}
	}
}

func TestEveryFunctionAndQueueIsWatched(t *testing.T) {
	t.Parallel()
	all := load(t)
	read := map[string]bool{}
	for _, a := range all.alarms(t) {
		for _, f := range a.figures() {
			for _, d := range f.Dimensions {
				read[f.MetricName+" "+strings.Join(texts(d.Value), "")] = true
			}
		}
	}
	want := map[string]bool{}
	for folder := range all.functions(t) {
		want["Errors "+logical(folder, "Function")], want["Throttles "+logical(folder, "Function")] = true, true
	}
	for _, folder := range all.routes(t) {
		if folder == consoleFolder { // files do not fail as requests do
			continue
		}
		want["RequestsFailed "+logical(folder, "Function")] = true
	}
	for id, r := range all.Resources {
		if r.Type == "AWS::SQS::Queue" {
			want["ApproximateNumberOfMessagesVisible "+id+".QueueName"] = true
		}
	}
	for w := range want {
		if !read[w] {
			t.Errorf("nothing watches %s", w)
		}
	}
}

// DynamoDB counts by operation. What the functions may call is all that there is to count.
func TestAlarmsOfTheTableReadEveryOperation(t *testing.T) {
	t.Parallel()
	all := load(t)
	called := map[string]bool{}
	for folder := range all.functions(t) {
		for grant := range all.grants(t, folder) {
			action, _, _ := strings.Cut(grant, " ")
			operation, ofTable := strings.CutPrefix(action, "dynamodb:")
			if operation == "ConditionCheckItem" { // there is none outside of a transaction
				operation = "TransactWriteItems"
			}
			called[operation] = called[operation] || ofTable
		}
	}
	maps.DeleteFunc(called, func(_ string, of bool) bool { return !of })
	for _, id := range []string{"TableThrottledAlarm", "TableErrorsAlarm"} {
		counted := map[string]bool{}
		for _, f := range all.alarms(t)[id].figures() {
			for _, d := range f.Dimensions {
				if d.Name == "Operation" {
					counted[d.Value.(string)] = true
				}
			}
		}
		if diff := cmp.Diff(called, counted); diff != "" {
			t.Errorf("%s: called -, counted +\n%s", id, diff)
		}
	}
}

// While a new version takes over, the alarms of its function take it back. Where that is not wanted there are none: CodeDeploy
// deploys nothing while an alarm stands, not even what mends it.
func TestAlarmsTakeANewVersionBack(t *testing.T) {
	t.Parallel()
	all := load(t)
	behind := slices.Sorted(maps.Values(all.routes(t)))
	for folder, f := range all.functions(t) {
		name := strings.ToUpper(folder[:1]) + folder[1:]
		var want any
		if slices.Contains(behind, folder) {
			alarms := []any{ref(name + "ErrorsAlarm"), ref(name + "FailedAlarm")}
			if folder == consoleFolder {
				alarms = alarms[:1]
			}
			want = map[string]any{
				"Type": ref("Rollout"), "Role": attribute("RolloutRole.Arn"),
				"Alarms": map[string]any{"!If": []any{"RollsOutSlowly", alarms, []any{}}},
			}
			if f.AutoPublishAlias != "live" || !f.AutoPublishAliasAllProperties {
				t.Errorf("%s: a change of its settings does not reach the alias", folder)
			}
		}
		if diff := cmp.Diff(want, f.DeploymentPreference); diff != "" {
			t.Errorf("%s: wanted -, template +\n%s", folder, diff)
		}
	}
}
