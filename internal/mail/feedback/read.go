package feedback

import (
	"encoding/json"
	"errors"
	"strings"
)

// envelope is an event of Lambda, by SNS or by EventBridge. The types of aws-lambda-go are not used: they fail for
// times in fields that nobody looks at here.
type envelope struct {
	Records []record `json:"Records"` // of SNS

	Source     string          `json:"source"` // and these of EventBridge
	DetailType string          `json:"detail-type"`
	Detail     json.RawMessage `json:"detail"`
}

type record struct {
	EventSource string `json:"EventSource"`
	SNS         struct {
		Message string `json:"Message"`
	} `json:"Sns"`
}

const (
	fromSNS = "aws:sns"
	fromSES = "aws.ses"
	// greeting is what SES writes to a topic, once, to see whether it may.
	greeting = "Successfully validated SNS topic for Amazon SES event publishing."
)

// Read reads an event of Lambda. It fails with ErrUnknown for each record that is no feedback, naming what came, and
// returns what the others say.
func Read(raw []byte) ([]Feedback, error) {
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, unknown("event %q: %w", line(string(raw), maxNamed), err)
	}
	switch {
	case len(e.Records) > 0:
		return readRecords(e.Records)
	case e.Source == fromSES:
		return e.readDetail()
	case e.Source != "" || e.DetailType != "":
		return nil, unknown("an event %q of %q, not of %s", line(e.DetailType, maxNamed), line(e.Source, maxNamed), fromSES)
	}
	return nil, unknown("event %q, which is neither of SNS nor of EventBridge", line(string(raw), maxNamed))
}

func (e envelope) readDetail() ([]Feedback, error) {
	told, err := decode(e.Detail)
	if err != nil {
		return nil, err
	}
	f, err := told.typed(e.DetailType).read()
	if err != nil {
		return nil, err
	}
	return []Feedback{f}, nil
}

func decode(raw []byte) (event, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return event{}, unknown("message %q: %w", line(string(raw), maxNamed), err)
	}
	return e, nil
}

func readRecords(records []record) ([]Feedback, error) {
	var read []Feedback
	var failed []error
	for _, r := range records {
		if r.EventSource == fromSNS && strings.TrimSpace(r.SNS.Message) == greeting {
			continue
		}
		f, err := r.read()
		if err != nil {
			failed = append(failed, err)
			continue
		}
		read = append(read, f)
	}
	return read, errors.Join(failed...)
}

func (r record) read() (Feedback, error) {
	if r.EventSource != fromSNS {
		return Feedback{}, unknown("a record of %q, not of %s", line(r.EventSource, maxNamed), fromSNS)
	}
	e, err := decode([]byte(r.SNS.Message))
	if err != nil {
		return Feedback{}, err
	}
	return e.read()
}
