//go:build linux

package runtime_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// room is how many times the most that a function held it is given. Lambda ends a function that wants more than it has, and the
// guide's organisations are small.
const room = 4

// wantRoom compares what functions held at the most while the guide was played with what the template gives them, and logs that
// and the time of a processor that a request took: docs/benchmarks.md has it as a table.
func (d *deployment) wantRoom(t *testing.T) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	given := d.functions(t)
	for _, folder := range slices.Sorted(maps.Keys(d.running)) {
		l := d.running[folder]
		peak, busy := consumed(t, l.PID())
		requests := 0
		for _, line := range l.Stdout() {
			if strings.Contains(line, `"msg":"request"`) {
				requests++
			}
		}
		t.Logf("%s: %d MB at the most of %d, %s of a processor, %d requests", folder, peak>>10, given[folder].MemorySize, busy, requests)
		if peak == 0 || peak>>10*room > given[folder].MemorySize {
			t.Errorf("%s held %d MB and is given %d, not %d times that", folder, peak>>10, given[folder].MemorySize, room)
		}
	}
}

// consumed is what the function under an emulator held at the most, in kB, and how long it used a processor.
func consumed(t *testing.T, emulator int) (peak int, busy time.Duration) {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", emulator))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists { // a child belongs to the thread that started it
		children, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for child := range strings.FieldsSeq(string(children)) {
			peak = max(peak, number(t, "/proc/"+child+"/status", func(text string) string {
				_, rest, _ := strings.Cut(text, "VmHWM:")
				return strings.Fields(rest)[0]
			}))
			for _, field := range []int{11, 12} { // in user and system mode, in hundredths of a second (proc(5)), behind the name
				busy += 10 * time.Millisecond * time.Duration(number(t, "/proc/"+child+"/stat", func(text string) string {
					return strings.Fields(text[strings.LastIndex(text, ")")+1:])[field]
				}))
			}
		}
	}
	return peak, busy
}

func number(t *testing.T, file string, find func(text string) string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(find(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
