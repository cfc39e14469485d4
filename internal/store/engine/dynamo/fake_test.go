package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// These tests put answers that DynamoDB Local does not give into the transport of a real client, inside a bubble whose
// clock moves by itself, so that pauses take no time.

// table is the name of the table that fakes know.
const table = "records"

// call is a request as the fake sees it.
type call struct {
	name string // of the operation
	body struct {
		ClientRequestToken string
		ExclusiveStartKey  map[string]any
		RequestItems       map[string]struct {
			Keys []map[string]struct{ S string }
		}
	}
}

// fake answers the n-th call, counted from 0. It is for one goroutine.
type fake struct {
	t      *testing.T
	answer func(n int, c call) (status int, body string, err error)
	calls  []call
}

func (f *fake) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var c call
	_, c.name, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if err := json.NewDecoder(r.Body).Decode(&c.body); err != nil {
		f.t.Errorf("%s: %v", c.name, err)
	}
	f.calls = append(f.calls, c)
	status, body, err := f.answer(len(f.calls)-1, c)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
	}, nil
}

func (f *fake) engine(options ...func(*dynamodb.Options)) *dynamo.Engine {
	endpoint := "http://dynamodb.test"
	return dynamo.New(dynamodb.New(dynamodb.Options{
		Region: "eu-west-2", BaseEndpoint: &endpoint, HTTPClient: f,
		Credentials: credentials.NewStaticCredentialsProvider("fake", "fake", ""),
	}, options...), table)
}

// inBubble runs the test with a fake that gives these answers; the last is repeated.
func inBubble(t *testing.T, test func(t *testing.T, f *fake, e *dynamo.Engine), answers ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{t: t, answer: func(n int, _ call) (int, string, error) {
			answer := answers[min(n, len(answers)-1)]
			if answer == cut {
				return 0, "", errors.New("connection reset by peer")
			}
			return statusOf(answer), answer, nil
		}}
		test(t, f, f.engine())
	})
}

func statusOf(answer string) int {
	switch {
	case strings.Contains(answer, "InternalServerError"):
		return http.StatusInternalServerError
	case strings.Contains(answer, "__type"):
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// cut is a connection that ends without an answer.
const cut = "cut"

func failed(kind string) string {
	return fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"%[1]s"}`, kind)
}

// cancelled is the answer to a transaction; a code may be followed by a colon and a message.
func cancelled(codes ...string) string {
	var reasons []map[string]string
	for _, c := range codes {
		code, message, _ := strings.Cut(c, ":")
		reasons = append(reasons, map[string]string{"Code": code, "Message": message})
	}
	b, _ := json.Marshal(map[string]any{
		"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "CancellationReasons": reasons,
	})
	return string(b)
}

var (
	one, two = engine.Key{Partition: "p", Sort: "1"}, engine.Key{Partition: "p", Sort: "2"}

	throttled = failed("ThrottlingException")
)

func itemJSON(sort string) string {
	return fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"S":%q},"v":{"N":"1"}}`, sort)
}

func unprocessed(sorts ...string) string {
	var keys []string
	for _, sort := range sorts {
		keys = append(keys, fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"S":%q}}`, sort))
	}
	return `"UnprocessedKeys":{"records":{"Keys":[` + strings.Join(keys, ",") + `]}}`
}

func TestThrottlesAreTriedAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *fake, e *dynamo.Engine) {
		var m engine.Meter
		got, err := e.Get(engine.WithMeter(t.Context(), &m), one)
		if err != nil || !got[0].Exists() {
			t.Fatalf("%+v, %v", got, err)
		}
		if total := m.Total(); total.Calls != 4 || total.ReadUnits != 1 {
			t.Errorf("counted %+v", total)
		}
	}, throttled, failed("ProvisionedThroughputExceededException"), failed("InternalServerError"),
		`{"Item":`+itemJSON("1")+`,"ConsumedCapacity":{"CapacityUnits":1}}`)
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	type request = func(context.Context, *dynamo.Engine) error
	get := func(keys ...engine.Key) request {
		return func(ctx context.Context, e *dynamo.Engine) error { _, err := e.Get(ctx, keys...); return err }
	}
	query := func(ctx context.Context, e *dynamo.Engine) error {
		_, err := e.Query(ctx, engine.Query{Partition: "p", Limit: 1})
		return err
	}
	commit := func(ops ...engine.Op) request {
		return func(ctx context.Context, e *dynamo.Engine) error { return e.Commit(ctx, ops...) }
	}
	write, several := commit(engine.Set(engine.Record{Key: one})), commit(engine.Delete(one, 1), engine.Delete(two, 1))
	for name, c := range map[string]struct {
		answer string
		call   request
	}{
		"throttled get":                {throttled, get(one)},
		"throttled gets":               {throttled, get(one, two)},
		"throttled query":              {throttled, query},
		"throttled write":              {throttled, write},
		"throttled check":              {throttled, commit(engine.Check(one, 1))},
		"throttled transaction":        {throttled, several},
		"write beside a transaction":   {failed("TransactionConflictException"), write},
		"transaction beside another":   {cancelled("None", "TransactionConflict"), several},
		"transaction without capacity": {cancelled("ThrottlingError", "ProvisionedThroughputExceeded"), several},
		"no key processed":             {`{"Responses":{},` + unprocessed("1") + `}`, get(one, two)},
		"no answer":                    {cut, get(one)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake, e *dynamo.Engine) {
				var m engine.Meter
				begun := time.Now()
				if err := c.call(engine.WithMeter(t.Context(), &m), e); !errors.Is(err, engine.ErrUnavailable) {
					t.Errorf("%v", err)
				}
				if took := time.Since(begun); took < time.Second || took > 3500*time.Millisecond {
					t.Errorf("gave up after %s", took)
				}
				if n := len(f.calls); n < 8 || n > 60 || m.Total().Calls != n {
					t.Errorf("%d calls, %d counted", n, m.Total().Calls)
				}
			}, c.answer)
		})
	}
}

func TestPatienceEndsWithTheContext(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]string{
		"between tries of the SDK":  throttled,
		"between rounds of a batch": `{` + unprocessed("1") + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, _ *fake, e *dynamo.Engine) {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				begun := time.Now()
				_, err := e.Get(ctx, one, two)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 300*time.Millisecond {
					t.Errorf("%v after %s", err, time.Since(begun))
				}
			}, answers)
		})
	}
}

func TestUnprocessedKeysAreAskedForAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake, e *dynamo.Engine) {
		three := engine.Key{Partition: "p", Sort: "3"}
		got, err := e.Get(t.Context(), three, one, two, one)
		if err != nil {
			t.Fatal(err)
		}
		if !got[0].Exists() || !got[1].Exists() || got[2].Exists() || got[3].Key != one {
			t.Errorf("%+v", got)
		}
		asked := []int{}
		for _, c := range f.calls {
			asked = append(asked, len(c.body.RequestItems[table].Keys))
		}
		if fmt.Sprint(asked) != "[3 2 2]" {
			t.Errorf("asked for %v keys", asked)
		}
	},
		`{"Responses":{"records":[`+itemJSON("3")+`]},`+unprocessed("1", "2")+`}`,
		`{`+unprocessed("1", "2")+`}`,
		`{"Responses":{"records":[`+itemJSON("1")+`]}}`)
}

func TestCollidedTransactionIsTriedAgainWithANewToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake, e *dynamo.Engine) {
		if err := e.Commit(t.Context(), engine.Check(one, 1), engine.Set(engine.Record{Key: two})); err != nil {
			t.Fatal(err)
		}
		var tokens []string
		for _, c := range f.calls {
			tokens = append(tokens, c.body.ClientRequestToken)
		}
		// The second is cut off and repeated as it was; the first and the third were answered.
		if len(tokens) != 4 || tokens[0] == tokens[1] || tokens[1] != tokens[2] || tokens[2] == tokens[3] {
			t.Errorf("tokens %q", tokens)
		}
	}, cancelled("None", "TransactionConflict"), cut, cancelled("TransactionConflict", "ConditionalCheckFailed"), `{}`)
}

// tokenless is a source of tokens that has dried up.
type tokenless struct{}

func (tokenless) GetIdempotencyToken() (string, error) { return "", errors.New("no randomness") }

func TestNothingIsWrittenWithoutAToken(t *testing.T) {
	t.Parallel()
	for name, ops := range map[string][]engine.Op{
		"alone":      {engine.Set(engine.Record{Key: one})},
		"in company": {engine.Set(engine.Record{Key: one}), engine.Delete(two, 1)},
	} {
		f := &fake{t: t}
		e := f.engine(func(o *dynamodb.Options) { o.IdempotencyTokenProvider = tokenless{} })
		if err := e.Commit(t.Context(), ops...); !isUnavailable(err) || len(f.calls) > 0 {
			t.Errorf("%s: %v after %d calls", name, err, len(f.calls))
		}
	}
}

func TestCancelledTransactionsAreJudged(t *testing.T) {
	t.Parallel()
	three := engine.Key{Partition: "p", Sort: "3"}
	ops := []engine.Op{engine.Check(one, 1), engine.Add(two, 1, 0, 9), engine.Delete(three, 1)}
	const grown = "ValidationError:Item size to update has exceeded the maximum allowed size"
	for name, c := range map[string]struct {
		answer string
		want   func(err error) bool
		once   bool
	}{
		"all that failed": {cancelled("ConditionalCheckFailed", "None", "ConditionalCheckFailed"), isCondition(0, 2), true},
		// After the patience, what is known is told.
		"a collision that does not end": {
			cancelled("None", "TransactionConflict", "ConditionalCheckFailed"), isCondition(2), false,
		},
		"an item that grew too large":   {cancelled("None", grown), isLimit, true},
		"too much in all":               {failed("ValidationException: Transaction size exceeded"), isLimit, true},
		"a mistake of the engine":       {cancelled("None", "ValidationError:Invalid expression"), isPlain, true},
		"a reason to come":              {cancelled("None", "SomethingNew", "None"), isPlain, true},
		"no permission":                 {failed("AccessDeniedException"), isPlain, true},
		"no table":                      {failed("ResourceNotFoundException"), isPlain, true},
		"a token used for another call": {failed("IdempotentParameterMismatchException"), isPlain, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake, e *dynamo.Engine) {
				if err := e.Commit(t.Context(), ops...); err == nil || !c.want(err) {
					t.Errorf("%v", err)
				}
				if c.once != (len(f.calls) == 1) {
					t.Errorf("%d calls", len(f.calls))
				}
			}, c.answer)
		})
	}
}

func TestCutTransactionIsJudgedByItsToken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		last string
		want func(err error) bool
	}{
		// DynamoDB knows the token: had the first try been kept, it would say so.
		"a condition":   {cancelled("ConditionalCheckFailed", "None"), isCondition(0)},
		"no permission": {failed("AccessDeniedException"), isUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, _ *fake, e *dynamo.Engine) {
				if err := e.Commit(t.Context(), engine.Delete(one, 1), engine.Delete(two, 1)); err == nil || !c.want(err) {
					t.Errorf("%v", err)
				}
			}, cut, c.last)
		})
	}
}

func TestLoneWritesAreJudged(t *testing.T) {
	t.Parallel()
	size := `{"__type":"com.amazon.coral.validate#ValidationException",
		"message":"Item size has exceeded the maximum allowed size"}`
	for name, c := range map[string]struct {
		answers []string
		want    func(err error) bool
	}{
		"a condition":             {[]string{failed("ConditionalCheckFailedException")}, isCondition(0)},
		"too large":               {[]string{size}, isLimit},
		"a mistake of the engine": {[]string{failed("ValidationException")}, isPlain},
		"no permission":           {[]string{failed("AccessDeniedException")}, isPlain},
		// Throttled is answered, and not done.
		"a condition after a throttle": {[]string{throttled, failed("ConditionalCheckFailedException")}, isCondition(0)},
		// Cut off may have been done: by this Commit, or by whoever is in the way now.
		"a condition after a cut":   {[]string{cut, failed("ConditionalCheckFailedException")}, isUnavailable},
		"no permission after a cut": {[]string{cut, failed("AccessDeniedException")}, isUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, _ *fake, e *dynamo.Engine) {
				if err := e.Commit(t.Context(), engine.Delete(one, 1)); err == nil || !c.want(err) {
					t.Errorf("%v", err)
				}
			}, c.answers...)
		})
	}
}

func isCondition(failed ...int) func(error) bool {
	return func(err error) bool {
		var condition *engine.ConditionError
		return errors.As(err, &condition) && fmt.Sprint(condition.Failed) == fmt.Sprint(failed)
	}
}

func isLimit(err error) bool {
	var limit *engine.LimitError
	return errors.As(err, &limit)
}

func isUnavailable(err error) bool { return errors.Is(err, engine.ErrUnavailable) }

// isPlain tells of an error that neither blames the caller nor promises that it will be better later.
func isPlain(err error) bool {
	var condition *engine.ConditionError
	return !errors.As(err, &condition) && !isLimit(err) && !isUnavailable(err)
}

func TestEmptyPageInTheMiddleIsNotTheEnd(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake, e *dynamo.Engine) {
		q := engine.Query{Index: engine.Index1, Partition: "i", Limit: 5}
		page, err := e.Query(t.Context(), q)
		if err != nil || len(page.Records) != 0 || page.Next == "" {
			t.Fatalf("%+v, %v", page, err)
		}
		q.After = page.Next
		page, err = e.Query(t.Context(), q)
		if err != nil || len(page.Records) != 1 || page.Next != "" {
			t.Fatalf("%+v, %v", page, err)
		}
		got, _ := json.Marshal(f.calls[1].body.ExclusiveStartKey)
		if string(got) != `{"i1p":{"S":"i"},"i1s":{"S":"x"},"pk":{"S":"p"},"sk":{"S":"1"}}` {
			t.Errorf("went on at %s", got)
		}
	},
		`{"Items":[],"LastEvaluatedKey":{"i1p":{"S":"i"},"i1s":{"S":"x"},"pk":{"S":"p"},"sk":{"S":"1"}}}`,
		`{"Items":[`+itemJSON("2")+`]}`)
}

func TestDamagedItemsAreReported(t *testing.T) {
	t.Parallel()
	for name, item := range map[string]string{
		"no sort":            `{"pk":{"S":"p"},"v":{"N":"1"}}`,
		"a key of numbers":   `{"pk":{"S":"p"},"sk":{"N":"1"},"v":{"N":"1"}}`,
		"no version":         `{"pk":{"S":"p"},"sk":{"S":"1"}}`,
		"version 0":          `{"pk":{"S":"p"},"sk":{"S":"1"},"v":{"N":"0"}}`,
		"half a version":     `{"pk":{"S":"p"},"sk":{"S":"1"},"v":{"N":"1.5"}}`,
		"a count out of all": `{"pk":{"S":"p"},"sk":{"S":"1"},"v":{"N":"1"},"n":{"N":"9223372036854775808"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, _ *fake, e *dynamo.Engine) {
				if r, err := e.Get(t.Context(), one); err == nil || !isPlain(err) {
					t.Errorf("%+v, %v", r, err)
				}
			}, `{"Item":`+item+`}`)
		})
	}
}

func TestUnknownAttributesArePassedOver(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, _ *fake, e *dynamo.Engine) {
		r, err := e.Get(t.Context(), one)
		if err != nil || r[0].Version != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	}, `{"Item":{"pk":{"S":"p"},"sk":{"S":"1"},"v":{"N":"1"},"z":{"L":[{"BOOL":true}]}}}`)
}
