package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/cloud"
	mailing "github.com/caretaker/caretaker/internal/app/post"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// sesService is SES as it answers over the network.
type sesService struct {
	mu      sync.Mutex
	refuses func(w http.ResponseWriter) // nil: it takes everything
	took    []string                    // to whom and about what, in order
	refused int
	lose    int // answers that are not given although the letter was taken
}

func (o *sesService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var m struct {
		Destination struct{ ToAddresses []string }
		Content     struct {
			Simple struct{ Subject struct{ Data string } }
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuses != nil {
		o.refused++
		o.refuses(w)
		return
	}
	o.took = append(o.took, fmt.Sprintf("%s: %s", strings.Join(m.Destination.ToAddresses, ","), m.Content.Simple.Subject.Data))
	o.lose--
	if o.lose >= 0 {
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write([]byte(`{"MessageId":"1"}`))
}

func (o *sesService) set(refuses func(http.ResponseWriter)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refuses = refuses
}

func (o *sesService) turnedAway() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.refused
}

func (o *sesService) sent() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.took)
}

// sesSays is an error in the form of SES.
func sesSays(status int, code, message string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
	}
}

// While SES takes nothing, whatever the reason, no letter is lost: the batch comes again from its first letter on, by the
// stream and then by the schedule. When SES is back each arrives once, and to each person in the order in which they were
// written.
func TestLettersWhileSESTakesNone(t *testing.T) {
	t.Parallel()
	for name, refuses := range map[string]func(http.ResponseWriter){
		"too many a second":          sesSays(429, "TooManyRequestsException", "Maximum sending rate exceeded."),
		"too many a day":             sesSays(429, "TooManyRequestsException", "Daily message quota exceeded."),
		"sending paused":             sesSays(400, "SendingPausedException", "Email sending is disabled."),
		"account suspended":          sesSays(400, "AccountSuspendedException", "The account is suspended."),
		"domain no longer verified":  sesSays(400, "MailFromDomainNotVerifiedException", "The MAIL FROM domain is not verified."),
		"identity no longer there":   sesSays(400, "MessageRejected", "Email address is not verified."),
		"without the right":          sesSays(403, "AccessDeniedException", "not authorized to perform ses:SendEmail"),
		"down":                       sesSays(503, "ServiceUnavailable", "down"),
		"broken":                     sesSays(500, "InternalFailure", "broken"),
		"connections end unanswered": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openPost(t)
			s.office.set(refuses)
			failed := s.notify(t, 21*time.Second) // notify keeps 20 s for itself
			if len(failed) != 1 || failed[0].ItemIdentifier != "100" {
				t.Errorf("to come again: %v, want all from the first on", failed)
			}
			if s.office.turnedAway() == 0 || len(s.office.sent()) > 0 {
				t.Fatalf("%d refused, %d taken", s.office.turnedAway(), len(s.office.sent()))
			}
			s.office.set(nil)
			s.wantOnce(t, func() {
				if failed := s.notify(t, time.Minute); len(failed) > 0 {
					t.Errorf("to come again: %v", failed)
				}
			})
		})
	}
}

// What the stream gave up, after its tries, the schedule sends.
func TestLettersThatTheStreamGaveUp(t *testing.T) {
	t.Parallel()
	s := openPost(t)
	s.office.set(sesSays(503, "ServiceUnavailable", "down"))
	s.clock.Advance(20 * time.Minute)
	if _, err := s.Tidy(t.Context()); err == nil {
		t.Error("letters wait, and nobody is told")
	}
	s.office.set(nil)
	s.wantOnce(t, func() {
		s.clock.Advance(10 * time.Minute)
		if _, err := s.Tidy(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Nobody can know whether SES took a letter when its answer is lost: rather than not at all, it arrives twice.
func TestALetterWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	s := openPost(t)
	s.office.lose = 1
	for range 2 {
		if failed := s.notify(t, time.Minute); len(failed) > 0 {
			t.Errorf("to come again: %v", failed)
		}
	}
	if got, want := len(s.office.sent()), len(s.event.Records)+1; got != want {
		t.Errorf("%d arrived, want %d: %q", got, want, s.office.sent())
	}
}

// post is an installation whose letters go to SES.
type post struct {
	*plant
	office *sesService
	event  events.DynamoDBEvent
}

func openPost(t *testing.T) *post {
	t.Helper()
	p, e := small(t)
	s := &post{plant: p, office: &sesService{}}
	front := httptest.NewServer(s.office)
	t.Cleanup(front.Close)
	var parts app.Parts
	if err := mailing.Mail(cloud.Within(emulatortest.AWS(t, front.URL), cloud.MailTry))(app.Config{}, &parts); err != nil {
		t.Fatal(err)
	}
	p.SendBy(parts.Sender)
	p.school(t)
	records := outboxRecords(t, e)
	slices.SortFunc(records, func(a, b engine.Record) int { return strings.Compare(a.Key.Sort, b.Key.Sort) })
	for i, r := range records {
		s.event.Records = append(s.event.Records, streamRecord(t, fmt.Sprint(100+i), r))
	}
	if len(records) < 4 {
		t.Fatalf("only %d letters", len(records))
	}
	return s
}

// notify hands the batch to the function, and returns what is to come again.
func (s *post) notify(t *testing.T, within time.Duration) []events.DynamoDBBatchItemFailure {
	t.Helper()
	text, err := json.Marshal(s.event)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	answer, err := s.Notify(ctx, text)
	if err != nil {
		t.Fatal(err)
	}
	return answer.BatchItemFailures
}

// wantOnce has letters delivered, twice over, and wants each to have arrived once, and in order for each person.
func (s *post) wantOnce(t *testing.T, deliver func()) {
	t.Helper()
	deliver()
	first := s.office.sent()
	deliver()
	if again := s.office.sent(); len(first) != len(s.event.Records) || len(again) != len(first) {
		t.Errorf("%d letters, %d arrived, and %d once more: %q", len(s.event.Records), len(first), len(again)-len(first), again)
	}
	calm := openPost(t)
	calm.notify(t, time.Minute)
	if got, want := byPerson(first), byPerson(calm.office.sent()); !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("came %q, want %q", got, want)
	}
}

// byPerson is what each person got, in order.
func byPerson(sent []string) map[string][]string {
	got := map[string][]string{}
	for _, m := range sent {
		to, subject, _ := strings.Cut(m, ": ")
		got[to] = append(got[to], subject)
	}
	return got
}
