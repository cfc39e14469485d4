package emulatortest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/caretaker/caretaker/infra/emulators"
)

// testsOfOne is how many tests one DynamoDB Local serves that is taken from RotatingDynamoDB. It keeps the stream of every
// table it ever had and goes through all of them at each request, so that after some hundred tests a request takes ten times
// as long; a new one takes some 3 s to start.
const testsOfOne = 12

// RotatingDynamoDB returns the endpoint of a DynamoDB Local that few tests share, for tests that write much. Tables of
// different tests may be in different ones, and are gone soon after their test.
func RotatingDynamoDB(tb testing.TB) string {
	tb.Helper()
	if running == nil {
		tb.Fatal("emulatortest: this package's TestMain does not call emulatortest.Main")
	}
	l, err := running.rota.join()
	if err != nil {
		tb.Fatalf("emulatortest: %v", err)
	}
	tb.Cleanup(func() {
		if err := running.rota.leave(l); err != nil {
			tb.Errorf("emulatortest: %v", err)
		}
	})
	return l.server.Endpoint
}

// rota hands tests on to a new emulator when one has served enough of them.
type rota struct {
	mu  sync.Mutex
	now *lot // nil at the start
}

// lot is an emulator and the tests that it serves.
type lot struct {
	server        *emulators.Server
	joined, inUse int
}

func (r *rota) join() (*lot, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil || r.now.joined == testsOfOne {
		if err := r.next(); err != nil {
			return nil, err
		}
	}
	r.now.joined++
	r.now.inUse++
	return r.now, nil
}

// next starts an emulator. The one before ends with the last of its tests.
func (r *rota) next() error {
	var failed error
	if was := r.now; was != nil && was.inUse == 0 {
		failed = was.server.Stop()
	}
	r.now = nil
	server, err := emulators.Start(context.Background(), emulators.DynamoDB) // it serves more than the test that comes first
	if err == nil {
		r.now = &lot{server: server}
	}
	return errors.Join(failed, err)
}

func (r *rota) leave(l *lot) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.inUse--
	if l.inUse > 0 || l == r.now {
		return nil
	}
	return l.server.Stop()
}

func (r *rota) stop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil {
		return nil
	}
	return r.now.server.Stop()
}
