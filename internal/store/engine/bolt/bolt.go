// Package bolt keeps records in one file of this machine, with bbolt: the engine that needs no server. It owns the
// file's layout, group commit, the dropping of expired records and the durable queue behind engine.Feed. It shares
// nothing with other machines: one process has the file open at a time.
//
// The file holds these buckets; keys of several parts are joined by engine.Join, so they sort like their parts:
//
//	meta      "format" → the version of this layout
//	records   partition, sort → record (see codec.go)
//	i1 … i6   position's partition and sort, record's partition and sort → nothing
//	expiry    8 bytes of Unix seconds, record's key → nothing
//	feed      8 bytes of sequence → length and key of the record, record (nothing when it was deleted)
package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"github.com/caretaker/caretaker/internal/store/engine"
)

// Memory as the path keeps nothing: the records are in a temporary file that is gone after Close, or when the
// process ends, and is never synced.
const Memory = ":memory:"

// lockWait is how long Open waits for a file that another process has open. It is more than none because a program
// that is restarted may meet the last moments of the one before.
const lockWait = time.Second

// Engine implements engine.Engine and engine.Feed.
type Engine struct {
	db     *bbolt.DB
	now    func() time.Time
	fed    func(engine.Key) bool
	remove string // the temporary file, if it could not be removed while open

	queue   chan *request
	closing chan struct{} // closed when Close is called
	written chan struct{} // closed when the writer has ended
	close   sync.Once
	news    bell // rings when the feed has something new
}

var (
	_ engine.Engine = (*Engine)(nil)
	_ engine.Feed   = (*Engine)(nil)
)

// Option changes what Open does.
type Option func(*Engine)

// WithFeed queues every change of a key that wanted accepts, in the Commit that makes the change. It is called by
// one goroutine at a time.
func WithFeed(wanted func(engine.Key) bool) Option { return func(e *Engine) { e.fed = wanted } }

// WithClock tells when records have expired. Without it none ever has, and all stay until they are deleted.
func WithClock(now func() time.Time) Option { return func(e *Engine) { e.now = now } }

// Open opens the file, or makes it, readable for this user only. It fails within about a second if another process
// has it open, and if it is not a file of this engine.
func Open(path string, options ...Option) (*Engine, error) {
	e := &Engine{
		now: beginning, fed: func(engine.Key) bool { return false },
		queue: make(chan *request), closing: make(chan struct{}), written: make(chan struct{}),
	}
	for _, option := range options {
		option(e)
	}
	var err error
	if path == Memory {
		err = e.openMemory()
	} else {
		err = e.openFile(path)
	}
	if err != nil {
		return nil, err
	}
	go e.write()
	return e, nil
}

// beginning is a clock that stands before every expiry there can be.
func beginning() time.Time { return time.Unix(0, 0) }

func (e *Engine) openMemory() error {
	file, err := os.CreateTemp("", "caretaker-*.db")
	if err != nil {
		return fmt.Errorf("make a temporary store: %w", err)
	}
	path := file.Name()
	if err := errors.Join(file.Close(), e.openFile(path)); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	e.db.NoSync = true
	// Where an open file can be removed nothing is left behind even by a crash. Where not, Close removes it.
	if os.Remove(path) != nil {
		e.remove = path
	}
	return nil
}

func (e *Engine) openFile(path string) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, FreelistType: bbolt.FreelistMapType})
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return fmt.Errorf("the store %s is in use by another process", path)
	case errors.Is(err, bbolterrors.ErrInvalid), errors.Is(err, bbolterrors.ErrChecksum),
		errors.Is(err, bbolterrors.ErrVersionMismatch):
		return fmt.Errorf("%s is not a store, or is damaged: %w", path, err)
	case err != nil:
		return fmt.Errorf("open the store %s: %w", path, err)
	}
	if err := db.Update(prepare); err != nil {
		return errors.Join(fmt.Errorf("open the store %s: %w", path, err), db.Close())
	}
	e.db = db
	syncFolder(filepath.Dir(path))
	return nil
}

// syncFolder makes the name of a new file as durable as its content. Not every system can, or needs to.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// Names of the buckets; those of the indexes are the slots' own.
var (
	bucketMeta    = []byte("meta")
	bucketRecords = []byte("records")
	bucketExpiry  = []byte("expiry")
	bucketFeed    = []byte("feed")

	keyFormat = []byte("format")
)

// format is the version of the layout that this package reads and writes.
const format = "1"

// prepare makes the buckets of a new file and refuses a file of another layout.
func prepare(tx *bbolt.Tx) error {
	names := [][]byte{bucketMeta, bucketRecords, bucketExpiry, bucketFeed}
	for _, slot := range engine.Indexes() {
		names = append(names, []byte(slot))
	}
	if found := tx.Bucket(bucketMeta); found != nil {
		if got := found.Get(keyFormat); string(got) != format {
			return fmt.Errorf("it has format %q, this version reads %q", got, format)
		}
	} else if first, _ := tx.Cursor().First(); first != nil {
		return errors.New("it is a bbolt file, but not of this program")
	}
	for _, name := range names {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketMeta).Put(keyFormat, []byte(format))
}

// Close waits for the Commits that are being written, refuses those that are not yet, and lets go of the file.
func (e *Engine) Close() error {
	var err error
	e.close.Do(func() {
		close(e.closing)
		<-e.written
		err = e.db.Close()
		if e.remove != "" {
			err = errors.Join(err, os.Remove(e.remove))
		}
	})
	return err
}

// errClosed is what calls get that come too late.
var errClosed = fmt.Errorf("the store has been closed: %w", engine.ErrUnavailable)

// begin is what every call does once its arguments have been checked; cost is what it will have taken. What it returns is
// called at the end.
func begin(ctx context.Context, cost engine.Cost) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cost.Calls = 1
	engine.Charge(ctx, cost)
	return engine.Begin(ctx), nil
}

// failed is the error of a read that did not work. A damaged record will not be better later, so it is not
// unavailable.
func failed(what string, err error) error {
	if errors.Is(err, bbolterrors.ErrDatabaseNotOpen) {
		return errClosed
	}
	return fmt.Errorf("%s: %w", what, err)
}
