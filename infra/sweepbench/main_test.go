package main

import (
	"bytes"
	"strings"
	"testing"
)

// A sweep among many users costs the store what one among few does; the time is for the benchmark at full size to judge.
func TestASweepCostsWhatIsDue(t *testing.T) {
	t.Parallel()
	s := setup{organisations: 2, due: 25, large: 1000, turns: 5, limit: 1000}
	var out bytes.Buffer
	if err := run(t.Context(), s, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "2000") {
		t.Errorf("the table does not show the larger store:\n%s", out.String())
	}
}

func TestTheVerdict(t *testing.T) {
	t.Parallel()
	few := result{due: 10, turns: []float64{100, 90, 5000}}
	slow, dear := few, few
	slow.turns = []float64{140, 131, 100}
	dear.cost.Records = 1
	for why, row := range map[string]struct {
		large result
		fine  bool
	}{
		"alike":                     {few, true},
		"an account takes longer":   {slow, false},
		"more is read at the store": {dear, false},
	} {
		if err := verdict(setup{limit: 1.3}, few, row.large); (err == nil) != row.fine {
			t.Errorf("%s: %v", why, err)
		}
	}
}
