package directory

import (
	"errors"
	"sync"
	"sync/atomic"
)

// both does two things at once and returns the errors of both.
func both(one, other func() error) error {
	var first error
	var beside sync.WaitGroup
	beside.Go(func() { first = one() })
	second := other()
	beside.Wait()
	return errors.Join(first, second)
}

// abreast does something for each number below n, in their order, for as many at once as there are lanes. Once one says
// not to go on, none is begun any more; those under way are waited for.
func abreast(lanes, n int, do func(i int) (goOn bool)) {
	var next atomic.Int64
	var stopped atomic.Bool
	var all sync.WaitGroup
	for range max(1, min(lanes, n)) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && !stopped.Load(); i = int(next.Add(1)) - 1 {
				if !do(i) {
					stopped.Store(true)
				}
			}
		})
	}
	all.Wait()
}
