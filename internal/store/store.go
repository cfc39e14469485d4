package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// Store implements the domain's ports over an engine.
type Store struct {
	engine engine.Engine
	// fold brings names into the form in which they are sorted and searched.
	fold func(string) string
}

var _ directory.Store = (*Store)(nil)

// New keeps things in e. fold must always give the same answer for the same text: index positions are made with it.
func New(e engine.Engine, fold func(string) string) *Store { return &Store{engine: e, fold: fold} }

// retryAfter is what callers are told when the engine does not answer.
const retryAfter = 2 * time.Second

// get reads records, unless they were read ahead, and turns the engine's failures into the domain's.
func (s *Store) get(ctx context.Context, keys ...engine.Key) ([]engine.Record, error) {
	found, rest := aheadOf(ctx).take(keys)
	read, err := s.engine.Get(ctx, rest...)
	if err != nil || len(found) == 0 {
		return read, outward(err)
	}
	for i, k := range rest {
		found[k] = read[i]
	}
	records := make([]engine.Record, len(keys))
	for i, k := range keys {
		records[i] = found[k]
	}
	return records, nil
}

// one reads a single record into value; NotFound. The answer is the record's version.
func (s *Store) one(ctx context.Context, k engine.Key, value any) (int64, error) {
	records, err := s.get(ctx, k)
	if err != nil {
		return 0, err
	}
	if !records[0].Exists() {
		return 0, directory.ErrNotFound
	}
	return records[0].Version, decode(records[0], value)
}

// outward turns an engine's error into the domain's.
func outward(err error) error {
	var limit *engine.LimitError
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &limit):
		return &directory.Error{Kind: directory.Invalid, Code: "too_large", Detail: "This is more than can be kept.", Err: err}
	case errors.Is(err, engine.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded):
		return directory.NewUnavailable("store", retryAfter, err)
	default:
		return err
	}
}

func encode(value any) ([]byte, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode a %T: %w", value, err)
	}
	return body, nil
}

func decode(r engine.Record, value any) error {
	if err := json.Unmarshal(r.Body, value); err != nil {
		return fmt.Errorf("decode the record %q %q: %w", r.Key.Partition, r.Key.Sort, err)
	}
	return nil
}

func decodeUser(r engine.Record) (directory.User, error) {
	var kept userRecord
	err := decode(r, &kept)
	return kept.user(r.Version), err
}

func decodeOrganisation(r engine.Record) (directory.Organisation, error) {
	var o directory.Organisation
	err := decode(r, &o)
	o.Version = r.Version
	o.Policy = o.Policy.Filled()
	return o, err
}

func decodeSession(r engine.Record) (directory.Session, error) {
	var kept sessionRecord
	err := decode(r, &kept)
	return kept.session(r.Version), err
}
