package template_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/httpapi"
	"github.com/caretaker/caretaker/internal/mail"
	"github.com/caretaker/caretaker/internal/redrive"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

func TestEveryFunctionHasAFolderAndEveryFolderAFunction(t *testing.T) {
	t.Parallel()
	mains, err := filepath.Glob("../../functions/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, m := range mains {
		folders = append(folders, filepath.Base(filepath.Dir(m)))
	}
	all := load(t)
	if diff := cmp.Diff(folders, slices.Sorted(maps.Keys(all.functions(t)))); diff != "" {
		t.Errorf("folders -, template +\n%s", diff)
	}
	for _, folder := range folders {
		// The Makefile finds the folder by the function's name, as these tests do.
		if all.Resources[logical(folder, "Function")].Metadata.BuildMethod != "makefile" {
			t.Errorf("%s is not built by the Makefile", folder)
		}
	}
}

func TestEveryFunctionHasARoleAndALogOfItsOwn(t *testing.T) {
	t.Parallel()
	all := load(t)
	for folder, f := range all.functions(t) {
		role, logs := logical(folder, "Role"), logical(folder, "Logs")
		if !cmp.Equal(f.Role, attribute(role+".Arn")) || !cmp.Equal(f.LoggingConfig.LogGroup, ref(logs)) {
			t.Errorf("%s: role %v, log %v", folder, f.Role, f.LoggingConfig.LogGroup)
		}
	}
	for id, r := range all.Resources {
		if r.Type == "AWS::Logs::LogGroup" && !cmp.Equal(all.properties(t, id)["RetentionInDays"], ref("LogRetentionDays")) {
			t.Errorf("%s is not kept as long as the parameter says", id)
		}
	}
}

// sdk begins the names of variables that the AWS SDK reads.
const sdk = "AWS_"

func TestFunctionsAreGivenTheVariablesThatTheProgramReads(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	note := func(name string) string {
		read[name] = true
		return ""
	}
	if _, err := app.ConfigFromEnv(note); err != nil {
		t.Fatal(err)
	}
	ofMail := []string{"MAIL_FROM", "MAIL_FROM_NEWS", "MAIL_RATE", "CONFIGURATION_SET", "PRODUCT"} // sent by notify alone
	all := load(t)
	for folder, f := range all.functions(t) {
		given := maps.Clone(all.Globals.Function.Environment.Variables)
		maps.Copy(given, f.Environment.Variables)
		for name := range read {
			if given[name] == nil && (folder == "notify" || !slices.Contains(ofMail, name)) {
				t.Errorf("%s is not given %s", folder, name)
			}
		}
		for name := range given {
			if !read[name] && !strings.HasPrefix(name, sdk) {
				t.Errorf("%s is given %s, which nobody reads", folder, name)
			}
		}
	}
}

func TestEmulatorsAreNamedForTheStageLocalOnly(t *testing.T) {
	t.Parallel()
	all := load(t)
	for name, value := range all.Globals.Function.Environment.Variables {
		if !strings.HasPrefix(name, sdk) {
			continue
		}
		choice, ok := value.(map[string]any)["!If"].([]any)
		if !ok || len(choice) != 3 || choice[0] != "Local" || !cmp.Equal(choice[2], ref("AWS::NoValue")) {
			t.Errorf("%s is %v", name, value)
		}
	}
}

// TestWhatAScheduleLosesIsKept is about both ways to lose it: nobody takes the event, or the function fails.
func TestWhatAScheduleLosesIsKept(t *testing.T) {
	t.Parallel()
	all := load(t)
	for folder, e := range all.schedules(t) {
		queue := e.Properties.DeadLetterConfig.Arn
		failed := all.functions(t)[folder].EventInvokeConfig.DestinationConfig.OnFailure.Destination
		if queue == nil || !cmp.Equal(failed, queue) {
			t.Errorf("%s: what reaches nobody goes to %v, what fails to %v", folder, queue, failed)
		}
		if !all.sendsTo(t, folder, queue) {
			t.Errorf("%s may not send to %v, so that what fails is lost", folder, queue)
		}
	}
	if got := slices.Sorted(maps.Keys(all.schedules(t))); !slices.Equal(got, []string{"digest", "notify", "sweep"}) {
		t.Errorf("%v run by a schedule", got)
	}
}

// What dead-letter queues hold is put back by a command that finds the function by the queue's name.
func TestEveryDeadLetterQueueBelongsToAFunction(t *testing.T) {
	t.Parallel()
	all := load(t)
	queues := 0
	for id, r := range all.Resources {
		if r.Type != "AWS::SQS::Queue" {
			continue
		}
		queues++
		if function := redrive.FunctionOf(id); !strings.HasSuffix(id, "DeadLetters") || all.Resources[function].Type != "AWS::Serverless::Function" {
			t.Errorf("what %s holds would be put back by %s", id, function)
		}
		if kept := all.properties(t, id)["MessageRetentionPeriod"]; !cmp.Equal(kept, float64(14*24*60*60)) {
			t.Errorf("%s keeps messages for %v seconds, not for as long as there is", id, kept)
		}
	}
	if queues == 0 {
		t.Error("there is no queue")
	}
}

// sendsTo tells whether a function's role may send to a queue.
func (t template) sendsTo(tb testing.TB, folder string, queue any) bool {
	tb.Helper()
	return slices.ContainsFunc(t.statements(tb, folder), func(s statement) bool {
		return slices.Contains(list(s.Action), "sqs:SendMessage") &&
			slices.ContainsFunc(s.resources(), func(r any) bool { return cmp.Equal(r, queue) })
	})
}

// Whoever asks is to read the program's own answer: it gives a request up before Lambda ends the function, and Lambda ends
// it before API Gateway gives up, after 30 s.
func TestRequestsAreGivenUpInOrder(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, area := range httpapi.Areas() {
		seconds := all.functions(t)[area.Name].Timeout
		if seconds == 0 {
			seconds = all.Globals.Function.Timeout
		}
		if ends := time.Duration(seconds) * time.Second; app.AnswerWithin+3*time.Second > ends || ends > 25*time.Second {
			t.Errorf("%s: given up after %s, ended after %s", area.Name, app.AnswerWithin, ends)
		}
	}
}

// A mail that fails must not hold up its part of the stream for long, must not be lost when it is given up, and must not be
// sent from the stream and by the tidying up at once.
func TestTheStreamOfMailsIsTriedAgainWithinBounds(t *testing.T) {
	t.Parallel()
	all := load(t)
	notify := all.functions(t)["notify"]
	m := notify.Events["Outbox"].Properties
	if m.MaximumRetryAttempts < 1 || m.MaximumRetryAttempts > 10 || m.BatchSize < 1 || m.BatchSize > 100 || !m.BisectBatchOnFunctionError {
		t.Errorf("tried again %d times in batches of %d, split: %t", m.MaximumRetryAttempts, m.BatchSize, m.BisectBatchOnFunctionError)
	}
	if !slices.Equal(m.FunctionResponseTypes, []string{"ReportBatchItemFailures"}) {
		t.Errorf("the function's answer is read as %v", m.FunctionResponseTypes)
	}
	queue := m.DestinationConfig.OnFailure.Destination
	if m.DestinationConfig.OnFailure.Type != "SQS" || !cmp.Equal(queue, attribute("MailDeadLetters.Arn")) || !all.sendsTo(t, "notify", queue) {
		t.Errorf("what is given up goes to %v, if it may", queue)
	}
	writing, sending := all.Globals.Function.Timeout, notify.Timeout
	total := time.Duration(writing+m.MaximumRecordAgeInSeconds+sending) * time.Second
	if m.MaximumRecordAgeInSeconds < 60 || writing == 0 || sending == 0 || total >= mail.LateAfter {
		t.Errorf("a letter may be %s old when the stream is done with it; at %s the tidying up begins", total, mail.LateAfter)
	}
}

// streamFilter is what the template lets through to notify, of one kind of records.
type streamFilter struct {
	EventName []string
	Dynamodb  struct {
		Keys map[string]struct{ S []struct{ Prefix string } }
	}
}

func (t template) streamFilters(tb testing.TB) []streamFilter {
	tb.Helper()
	var criteria struct{ Filters []struct{ Pattern string } }
	into(tb, t.functions(tb)["notify"].Events["Outbox"].Properties.FilterCriteria, &criteria)
	filters := make([]streamFilter, len(criteria.Filters))
	for i, f := range criteria.Filters {
		if err := json.Unmarshal([]byte(f.Pattern), &filters[i]); err != nil {
			tb.Fatal(err)
		}
	}
	return filters
}

// prefix is what partitions begin with that the filter lets through.
func (f streamFilter) prefix(tb testing.TB) string {
	tb.Helper()
	prefixes := f.Dynamodb.Keys[*dynamo.Schema("").KeySchema[0].AttributeName].S
	if len(f.Dynamodb.Keys) != 1 || len(prefixes) != 1 {
		tb.Fatalf("the pattern is %+v", f)
	}
	return prefixes[0].Prefix
}

func TestStreamFilterLetsThroughWhatIsFollowedAndNothingElse(t *testing.T) {
	t.Parallel()
	kinds := []struct {
		is     func(engine.Key) bool
		events []string
	}{
		{store.InOutbox, []string{"INSERT"}},                  // new mails
		{store.InAnnouncements, []string{"INSERT", "MODIFY"}}, // each change of an announcement asks for the next mails
	}
	filters := load(t).streamFilters(t)
	if len(filters) != len(kinds) {
		t.Fatalf("there are %d filters", len(filters))
	}
	for i, kind := range kinds {
		if !cmp.Equal(filters[i].EventName, kind.events) {
			t.Errorf("%+v lets through %v, want %v", filters[i], filters[i].EventName, kind.events)
		}
		prefix := filters[i].prefix(t)
		for _, key := range []string{
			store.Join("outbox", "bash-street", "01jd5q8x2v7m3k9rwt4h6n0pza"),
			store.Join("outbox", "", ""),
			store.Join("outbox", "a#b"),
			store.Join("announcements", "bash-street"), store.Join("announcements", ""), "announcements", "announcement#",
			"outbox#", "outbox", "outbo#", "outboxes#a", "Outbox#a", "#outbox#a", " outbox#a", "outbox%23a",
			store.Join("user", "bash-street", "outbox#"), store.Join("audit", "outbox"), "intents", "",
		} {
			passes, k := strings.HasPrefix(key, prefix), engine.Key{Partition: key, Sort: "01"}
			if wanted := kind.is(k); passes != wanted || wanted && !store.Followed(k) {
				t.Errorf("%q passes the filter %s: %v; is of its kind: %v", key, prefix, passes, wanted)
			}
		}
	}
}
