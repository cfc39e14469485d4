package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// receiptLife is how long an idempotency key is remembered.
const receiptLife = 24 * time.Hour

// MaxReceiptKey bounds an idempotency key, in bytes.
const MaxReceiptKey = 200

// Once asks that a request be carried out one time only, however often it is sent. The zero value asks for nothing.
type Once struct {
	Key string // of the caller's choice
	// Fingerprint stands for the request's content: the same key with another one is refused.
	Fingerprint string
}

// once carries out do unless the caller's key was used in the last 24 hours; then the answer of that time is given
// again. do gets the receipt to put into its Commit after setting its answer with Receipt.keep; nil if no key was given.
func once[T any](ctx context.Context, d *Directory, c Caller, operation string, o Once, do func(*Receipt) (T, error)) (T, error) {
	var none T
	if o.Key == "" {
		return do(nil)
	}
	if len(o.Key) > MaxReceiptKey {
		var wrong checks
		wrong.add("Idempotency-Key", rule.TooLong, MaxReceiptKey)
		return none, wrong.err()
	}
	id := ReceiptID{Org: c.Organisation.Slug, User: c.User.ID, Operation: operation, Key: o.Key}
	for {
		old, err := d.Store.Receipt(ctx, id)
		if err != nil && KindOf(err) != NotFound {
			return none, err
		}
		if err == nil && d.Now().Before(old.Until) {
			return answerAgain[T](old, o)
		}
		answer, err := do(&Receipt{ReceiptID: id, Fingerprint: o.Fingerprint, Until: d.Now().Add(receiptLife), Version: old.Version})
		if !errors.Is(err, ErrReceiptTaken) {
			return answer, err
		} // the same request came in twice at once, and the other one was first
	}
}

func answerAgain[T any](old Receipt, o Once) (T, error) {
	var answer T
	if old.Fingerprint != o.Fingerprint {
		return answer, &Error{
			Kind: Invalid, Code: "idempotency_key_reused",
			Detail: "This Idempotency-Key was used for another request. Please use a new one.",
		}
	}
	if err := json.Unmarshal(old.Answer, &answer); err != nil {
		return answer, fmt.Errorf("read the answer kept for an idempotency key: %w", err)
	}
	return answer, nil
}

// keep sets the answer to be given again. Secrets shown once must not be part of it.
func (r *Receipt) keep(answer any) error {
	if r == nil {
		return nil
	}
	kept, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("keep the answer for an idempotency key: %w", err)
	}
	r.Answer = kept
	return nil
}
