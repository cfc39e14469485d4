package kms

import (
	"container/list"
	"sync"
	"time"
)

// opening keeps data keys that have been decrypted, by what they are encrypted, so that a warm function seldom asks KMS. Of
// more than it may keep the least recently used goes.
type opening struct {
	most int

	mu    sync.Mutex
	known map[string]*list.Element
	order *list.List // of *opened, the most recently used in front
}

type opened struct {
	encrypted string
	key       dataKey
}

func newOpening(most int) opening {
	return opening{most: most, known: map[string]*list.Element{}, order: list.New()}
}

// find counts as a use. A key that is too old is forgotten.
func (o *opening) find(encrypted string, now time.Time) (dataKey, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e, ok := o.known[encrypted]
	if !ok {
		return dataKey{}, false
	}
	k := e.Value.(*opened).key
	if !k.usable(now) {
		o.forget(e)
		return dataKey{}, false
	}
	o.order.MoveToFront(e)
	return k, true
}

func (o *opening) keep(encrypted string, key dataKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e, ok := o.known[encrypted]; ok {
		o.forget(e)
	}
	o.known[encrypted] = o.order.PushFront(&opened{encrypted: encrypted, key: key})
	if o.order.Len() > o.most {
		o.forget(o.order.Back())
	}
}

func (o *opening) forget(e *list.Element) {
	o.order.Remove(e)
	delete(o.known, e.Value.(*opened).encrypted)
}
