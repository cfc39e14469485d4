package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const megabyte = 1e6

// limits are for the functions that are larger than 12 MB, and may be until they are not. What checks passkeys weighs nearly two;
// organisation and operator have many operations; notify has templates, for which the linker keeps all methods that there are.
var limits = map[string]float64{"session": 15, "users": 15.5, "organisation": 13, "operator": 12.5, "notify": 21}

// limit is what a function may weigh.
func limit(function string) float64 {
	if larger, ok := limits[function]; ok {
		return larger * megabyte
	}
	return 12 * megabyte
}

// sizes tells how large the functions are in dist, and fails when one is too large.
func sizes(dist string, out io.Writer) error {
	files, err := filepath.Glob(filepath.Join(dist, "*", "bootstrap"))
	if err != nil || len(files) == 0 {
		return errors.Join(fmt.Errorf("there are no functions in %s", dist), err)
	}
	var faults []error
	fmt.Fprintln(out, "| function | MB | may be |\n|---|---|---|")
	for _, file := range files {
		info, err := os.Stat(file) //nolint:gosec // the folder is the developer's own
		if err != nil {
			return fmt.Errorf("weigh: %w", err)
		}
		name, size := filepath.Base(filepath.Dir(file)), float64(info.Size())
		fmt.Fprintf(out, "| `%s` | %.1f | %.1f |\n", name, size/megabyte, limit(name)/megabyte)
		if size > limit(name) {
			faults = append(faults, fmt.Errorf("%s weighs %.2f MB, and may weigh %.0f", name, size/megabyte, limit(name)/megabyte))
		}
	}
	return errors.Join(faults...)
}
