package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/mail"
)

// How the template maps the stream to the function.
const (
	batchSize = 10
	attempts  = 1 + 5
)

// shard is a shard of the table's stream, and what Lambda does with it: in batches; of one that failed, again from where the
// function says, as often as it is allowed; split in two by chance, as Lambda does; and some batches come twice for nothing.
type shard struct {
	t       *testing.T
	notify  func(context.Context, json.RawMessage) (app.Notified, error)
	random  *rand.Rand
	records []events.DynamoDBEventRecord
	givenUp []string // sequence numbers
}

func (s *shard) run() {
	s.t.Helper()
	for batch := range slices.Chunk(s.records, batchSize) {
		s.deliver(batch, attempts)
		if s.random.IntN(5) == 0 {
			s.invoke(batch) // its answer was lost
		}
	}
}

func (s *shard) deliver(batch []events.DynamoDBEventRecord, attempts int) {
	s.t.Helper()
	for ; attempts > 0 && len(batch) > 0; attempts-- {
		at := s.invoke(batch)
		if at < 0 {
			return
		}
		batch = batch[at:]
		if len(batch) > 1 && s.random.IntN(2) == 0 {
			half := len(batch) / 2
			s.deliver(batch[:half], attempts-1)
			batch = batch[half:]
		}
	}
	for _, r := range batch {
		s.givenUp = append(s.givenUp, r.Change.SequenceNumber)
	}
}

// invoke returns where to begin again, negative if all is done.
func (s *shard) invoke(batch []events.DynamoDBEventRecord) int {
	s.t.Helper()
	text, err := json.Marshal(events.DynamoDBEvent{Records: batch})
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := s.notify(s.t.Context(), text)
	if err != nil {
		s.t.Fatal(err)
	}
	// Lambda takes the lowest of those that are named, and all of the batch if it does not know one.
	lowest := -1
	for _, f := range answer.BatchItemFailures {
		i := slices.IndexFunc(batch, func(r events.DynamoDBEventRecord) bool { return r.Change.SequenceNumber == f.ItemIdentifier })
		if i < 0 {
			s.t.Fatalf("%q is no record of the batch", f.ItemIdentifier)
		}
		if lowest < 0 || i < lowest {
			lowest = i
		}
	}
	return lowest
}

// postOffice is a mail service in a bad way: it is busy or silent by chance, and refuses some letters for good.
type postOffice struct {
	mu     sync.Mutex
	random *rand.Rand
	chance float64
	took   []string // ids, in their order
}

func (o *postOffice) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case strings.HasSuffix(m.ID, "refused"):
		return mail.Refused(errors.New("no such mailbox"))
	case o.random.Float64() >= o.chance:
		o.took = append(o.took, m.ID)
		return nil
	case o.random.IntN(2) == 0:
		return directory.NewBusy("mail service", 5*time.Second, errors.New("rate exceeded"))
	default:
		return directory.NewUnavailable("mail service", 30*time.Second, errors.New("no answer"))
	}
}

// post writes letters to so many people at once, as they happen to come, and returns the records of the stream.
func (p *plant) post(t *testing.T, random *rand.Rand, people, letters int) []events.DynamoDBEventRecord {
	t.Helper()
	org := directory.Slug("by-post")
	for n := range letters {
		m := directory.Mail{
			ID: fmt.Sprintf("%04d", n), Org: org, OrganisationName: "School", ToName: "Somebody", Template: directory.WelcomeMail,
			ToEmail: fmt.Sprintf("person%d@users.example", random.IntN(people)), Category: directory.AccountMail, Language: "en",
			CreatedAt: p.clock.Now(), Data: map[string]string{"givenName": "Some", "username": "body", "administrators": "Jane"},
		}
		switch random.IntN(12) {
		case 0:
			m.ID += "refused"
		case 1:
			m.ID += "broken"
			m.Template = "farewell" // there is no such wording
		}
		entry := directory.Entry{ID: m.ID, Org: org, At: m.CreatedAt, Action: directory.UserCreated}
		if err := p.Store.Commit(t.Context(), directory.Change{Entries: []directory.Entry{entry}, Mails: []directory.Mail{m}}); err != nil {
			t.Fatal(err)
		}
	}
	var records []events.DynamoDBEventRecord
	for _, r := range outboxRecords(t, p.faulty.Engine) {
		records = append(records, streamRecord(t, r.Key.Sort, r))
	}
	slices.SortFunc(records, func(a, b events.DynamoDBEventRecord) int {
		return strings.Compare(a.Change.SequenceNumber, b.Change.SequenceNumber)
	})
	return slices.DeleteFunc(records, func(r events.DynamoDBEventRecord) bool {
		return !strings.HasPrefix(r.Change.Keys["pk"].String(), "outbox#by-post")
	})
}

// Whatever fails, is split and comes again: each letter is sent once, those to one person in their order as far as none was
// given up, and a letter that cannot be sent holds up no other.
func TestEachLetterIsSentOnceAndInOrderWhateverFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		chance float64 // of a failure
		lost   bool    // letters may be given up, which is then the tidying up's business
	}{{0, false}, {0.05, false}, {0.3, true}, {0.7, true}, {1, true}} {
		for seed := range uint64(2) {
			t.Run(fmt.Sprintf("%.0f%% fail, seed %d", 100*c.chance, seed), func(t *testing.T) {
				t.Parallel()
				p, _ := small(t)
				random := rand.New(rand.NewPCG(seed, 1))
				records := p.post(t, random, 7, 60)
				office := &postOffice{random: rand.New(rand.NewPCG(seed, 2)), chance: c.chance}
				p.Delivery.Sender = office
				s := &shard{t: t, notify: p.Notify, random: random, records: records}
				s.run()
				if !c.lost && len(s.givenUp) > 0 {
					t.Errorf("given up: %v", s.givenUp)
				}
				p.wantInOrder(t, records, office.took, s.givenUp)
				p.wantTidied(t, records, office)
			})
		}
	}
}

// wantInOrder fails the test unless what was sent is in order for each person, as far as nothing of theirs was given up.
func (p *plant) wantInOrder(t *testing.T, records []events.DynamoDBEventRecord, took, givenUp []string) {
	t.Helper()
	to, upset := map[string]string{}, map[string]bool{}
	for _, r := range records {
		var m directory.Mail
		if err := json.Unmarshal(r.Change.NewImage["b"].Binary(), &m); err != nil {
			t.Fatal(err)
		}
		to[m.ID] = m.ToEmail
		upset[m.ToEmail] = upset[m.ToEmail] || slices.Contains(givenUp, m.ID)
	}
	last := map[string]string{}
	for _, id := range took {
		who := to[id]
		if id <= last[who] && !upset[who] {
			t.Errorf("%s came after %s", id, last[who])
		}
		last[who] = id
	}
}

// wantTidied lets the mail service recover and the tidying up do the rest: every letter has been sent once in the end, but
// those that nobody can send.
func (p *plant) wantTidied(t *testing.T, records []events.DynamoDBEventRecord, office *postOffice) {
	t.Helper()
	for _, chance := range []float64{office.chance / 2, 0} {
		office.chance = chance
		p.clock.Advance(20 * time.Minute)
		_, _ = p.Tidy(t.Context()) // it fails as long as a letter cannot be sent
	}
	sent := map[string]int{}
	for _, id := range office.took {
		sent[id]++
	}
	for _, r := range records {
		id, want := r.Change.SequenceNumber, 1
		if strings.HasSuffix(id, "refused") || strings.HasSuffix(id, "broken") {
			want = 0
		}
		if sent[id] != want {
			t.Errorf("%s was sent %d times, want %d", id, sent[id], want)
		}
	}
	left, err := p.Store.Unsent(t.Context(), p.clock.Now().Add(time.Minute), 200)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range left {
		if !strings.HasSuffix(m.ID, "broken") && m.Org == "by-post" {
			t.Errorf("%s still waits", m.ID)
		}
	}
}

// A person who puts letters back learns how the outbox is afterwards.
func TestNotifyReportsWhatItRedelivered(t *testing.T) {
	t.Parallel()
	p, e := small(t)
	waiting := len(outboxRecords(t, e))
	p.post(t, rand.New(rand.NewPCG(3, 3)), 3, 60)
	office := &postOffice{random: rand.New(rand.NewPCG(1, 1)), chance: 1}
	p.Delivery.Sender = office
	written := p.clock.Now()
	p.clock.Advance(20 * time.Minute)
	redeliver := func() app.MailReport {
		t.Helper()
		answer, err := p.Notify(t.Context(), json.RawMessage(`{"source": "person", "detail-type": "redeliver"}`))
		if err != nil || answer.Mails == nil {
			t.Fatal(answer, err)
		}
		return *answer.Mails
	}
	r := redeliver()
	if !r.More || r.Failed == 0 || r.Why == "" || r.OldestUnsent == nil || !r.OldestUnsent.Equal(written) {
		t.Errorf("while nothing is taken: %+v", r)
	}
	office.chance = 0
	r = redeliver()
	broken := r.Failed
	if r.More || broken == 0 || r.Sent == 0 || r.OldestUnsent == nil || !strings.Contains(r.Why, "farewell") {
		t.Errorf("with letters that nobody can send: %+v", r)
	}
	if len(office.took) == 0 || r.Late > 60+waiting {
		t.Errorf("%d sent of %d", len(office.took), r.Late)
	}
}

// The time that a function has is not used up to the last second: what was sent must be marked.
func TestNotifyLeavesTimeToMarkWhatWasSent(t *testing.T) {
	t.Parallel()
	p, _ := small(t)
	records := p.post(t, rand.New(rand.NewPCG(5, 5)), 3, 6)
	office := &postOffice{random: rand.New(rand.NewPCG(1, 1))}
	p.Delivery.Sender = office
	text, err := json.Marshal(events.DynamoDBEvent{Records: records})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 19*time.Second)
	defer cancel()
	answer, err := p.Notify(ctx, text)
	if err != nil || len(answer.BatchItemFailures) != 1 || answer.BatchItemFailures[0].ItemIdentifier != records[0].Change.SequenceNumber {
		t.Errorf("%v, %v: want all of the batch again", answer.BatchItemFailures, err)
	}
	if len(office.took) != 0 {
		t.Errorf("%v were sent in the last seconds", office.took)
	}
}
