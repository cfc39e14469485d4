package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// measured is a line of go test -bench -benchmem. Its name may hold spaces, which are written as underscores.
var measured = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op.*?\s([\d.]+) B/op\s+(\d+) allocs/op`)

// table makes a table of the lines of benchmarks, and passes on all others, which tell of failures.
func table(in io.Reader, out io.Writer) error {
	fmt.Fprintln(out, "| operation | time | allocated | allocations |\n|---|---|---|---|")
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		m := measured.FindStringSubmatch(lines.Text())
		if m == nil {
			if line := lines.Text(); strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "    ") {
				fmt.Fprintln(out, line)
			}
			continue
		}
		nanoseconds, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			return fmt.Errorf("read %q: %w", lines.Text(), err)
		}
		bytes, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			return fmt.Errorf("read %q: %w", lines.Text(), err)
		}
		name := strings.TrimPrefix(strings.ReplaceAll(m[1], "_", " "), "Operations/")
		fmt.Fprintf(out, "| %s | %.2f ms | %.0f kB | %s |\n", name, nanoseconds/1e6, bytes/1e3, m[4])
	}
	return lines.Err()
}
