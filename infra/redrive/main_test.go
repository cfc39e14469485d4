package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestWhatItIsToldIsLookedAtFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "-stack must name"},
		{[]string{"-dry-run"}, "-stack must name"},
		{[]string{"-stack", "caretaker", "now"}, `what is "now"`},
		{[]string{"-all"}, "not defined: -all"},
	} {
		var stdout, stderr bytes.Buffer
		err := run(t.Context(), c.args, &stdout, &stderr)
		if err == nil || !strings.Contains(err.Error(), c.says) || stdout.Len() > 0 {
			t.Errorf("%v: %v, %s", c.args, err, &stdout)
		}
	}
}
