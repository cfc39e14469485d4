package engine

import (
	"math"
	"sync"
	"testing"
)

func TestCountRangeIsWhatAnAddAllows(t *testing.T) {
	t.Parallel()
	const lowest, highest = math.MinInt64, math.MaxInt64
	for _, c := range []struct {
		why              string
		delta, min, max  int64
		wantLow, wantTop int64
		wantOK           bool
	}{
		{"a counter that must not go below 0", -1, 0, highest, 1, highest, true},
		{"a counter with at most 5", 1, 0, 5, -1, 4, true},
		{"no bounds", 3, lowest, highest, lowest, highest - 3, true},
		{"no bounds, downwards", -3, lowest, highest, lowest + 3, highest, true},
		{"the whole range at once", highest, 0, highest, -highest, 0, true},
		{"the lowest number has no opposite", lowest, lowest, 0, 0, highest, true},
		{"bounds the wrong way round", 1, 5, 4, 0, 0, false},
		{"only reached from beyond the top", -1, highest, highest, 0, 0, false},
		{"only reached from beyond the bottom", 1, lowest, lowest, 0, 0, false},
	} {
		lo, hi, ok := Add(Key{}, c.delta, c.min, c.max).CountRange()
		if ok != c.wantOK || ok && (lo != c.wantLow || hi != c.wantTop) {
			t.Errorf("%s: %d to %d, %t; want %d to %d, %t", c.why, lo, hi, ok, c.wantLow, c.wantTop, c.wantOK)
		}
	}
}

func TestMeterAddsUpWhatItsContextCost(t *testing.T) {
	t.Parallel()
	var m Meter
	ctx := WithMeter(t.Context(), &m)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { Charge(ctx, Cost{Calls: 1, Commits: 1, Records: 3, ReadUnits: 0.5, WriteUnits: 2}) })
	}
	all.Wait()
	Charge(t.Context(), Cost{Calls: 1}) // nobody counts
	if got, want := m.Total(), (Cost{Calls: 10, Commits: 10, Records: 30, ReadUnits: 5, WriteUnits: 20}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

func TestMeterTellsCallsAtOnceFromCallsInTurn(t *testing.T) {
	t.Parallel()
	var m Meter
	ctx := WithMeter(t.Context(), &m)
	first := Begin(ctx)
	second, third := Begin(ctx), Begin(ctx)
	if got := m.Total().Trips; got != 1 {
		t.Errorf("three at once: %d", got)
	}
	second()
	fourth := Begin(ctx) // it waited for the second, not for the others
	if got := m.Total().Trips; got != 2 {
		t.Errorf("one behind another: %d", got)
	}
	third()
	Begin(ctx)() // beside the fourth
	fourth()
	first()
	Begin(ctx)()
	if got := m.Total().Trips; got != 3 {
		t.Errorf("at the end: %d", got)
	}
	Begin(Beside(ctx))()
	Begin(ctx)()
	if got := m.Total().Trips; got != 4 {
		t.Errorf("behind one that nothing waited for: %d", got)
	}
	Begin(t.Context())() // nobody counts
}
