package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFunctionThatIsTooLargeIsNamed(t *testing.T) {
	t.Parallel()
	dist := t.TempDir()
	for name, size := range map[string]int64{"sweep": 12e6, "digest": 12e6 + 1, "session": 14e6} {
		if err := os.MkdirAll(filepath.Join(dist, name), 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dist, name, "bootstrap")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, size); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err := sizes(dist, &out)
	if err == nil || !strings.Contains(err.Error(), "digest") || strings.Contains(err.Error(), "sweep") || strings.Contains(err.Error(), "session") {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(out.String(), "| `session` | 14.0 |") {
		t.Errorf("the table is %s", out.String())
	}
	if err := sizes(t.TempDir(), &out); err == nil {
		t.Error("where there are no functions, none is too large")
	}
}

// What is measured natively is built as what is deployed.
func TestFunctionsAreBuiltAsTheMakefileDoes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if want := "go build -tags " + buildTags + ` -trimpath -ldflags "` + linkerFlags + `"`; !strings.Contains(string(text), want) {
		t.Errorf("the Makefile does not say %q", want)
	}
}

func TestBenchmarksBecomeATable(t *testing.T) {
	t.Parallel()
	in := strings.NewReader(`goos: linux
BenchmarkOperations/GET_/users/{id}-2         	    5000	    250000 ns/op	   18000 B/op	     187 allocs/op
BenchmarkSeal-2 100 1500000 ns/op 12.5 MB/s 247000 B/op 1353 allocs/op
--- FAIL: BenchmarkBroken
PASS
`)
	var out bytes.Buffer
	if err := table(in, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| GET /users/{id} | 0.25 ms | 18 kB | 187 |\n", "| Seal | 1.50 ms | 247 kB | 1353 |\n", "--- FAIL: BenchmarkBroken\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in %s", want, out.String())
		}
	}
}

// A load of which something failed is no measure.
func TestAReportWithFailuresFails(t *testing.T) {
	t.Parallel()
	for told, fails := range map[string]bool{
		`{"latencies": {"50th": 2500000, "99th": 9000000, "max": 20000000}, "requests": 100, "throughput": 50, "success": 1}`: false,
		`{"latencies": {}, "requests": 100, "throughput": 50, "success": 0.5}`:                                                true,
		`{"latencies": {}, "requests": 0, "throughput": 0, "success": 0}`:                                                     true,
		`no report`: true,
	} {
		var out bytes.Buffer
		if err := row(&out, "list", 8, []byte(told)); (err != nil) != fails {
			t.Errorf("%s: %v", told, err)
		}
		if !fails && out.String() != "| list | 8 | 50 | 2.50 ms | 9.00 ms | 20.0 ms | 0 |\n" {
			t.Errorf("the row is %s", out.String())
		}
	}
}

// A start counts from nothing to the first question for an event, and the function must then handle what it gets.
func TestAStartIsMeasured(t *testing.T) {
	t.Parallel()
	f := &started{name: "hello", program: filepath.Join(t.TempDir(), "hello"), event: []byte("{}")}
	if err := compile(t.Context(), f.program, "hello"); err != nil {
		t.Fatal(err)
	}
	if err := f.once(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if len(f.took) != 1 || f.took[0] <= 0 {
		t.Errorf("it took %v", f.took)
	}
	broken := &started{name: "broken", program: "/nowhere"}
	if err := broken.once(t.Context(), 0); err == nil {
		t.Error("what is not there was started")
	}
}

// A short run asks for everything that a long one does.
func TestTheLoadIsBorne(t *testing.T) {
	t.Parallel()
	s := standard
	s.users = 60
	folder := t.TempDir()
	for i, params := range s.hashing {
		school, err := serveSchool(t.Context(), filepath.Join(folder, string(rune('a'+i))), params, s.users)
		if err != nil {
			t.Fatal(err)
		}
		for _, asked := range append(school.signIns("x")[:2], school.list(), school.creates()[0]) {
			if status := ask(t, asked); status != 200 && status != 201 {
				t.Errorf("%s: %d", asked.name, status)
			}
		}
		if err := school.Close(); err != nil {
			t.Error(err)
		}
	}
}
