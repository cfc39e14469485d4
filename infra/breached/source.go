package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Lengths in characters. No policy of the product lets a password be shorter, nor anybody guess longer ones from lists.
const (
	minChosen = 8
	maxListed = 64
)

// source is one list and where it comes from: a line of sources.txt.
type source struct {
	registry, name, version string
	archive                 string // the package's file, as the registry's client names it
	integrity               string // its hash, in the form of Subresource Integrity
	list                    string // the file inside
	ranked                  int    // lines
}

// parseSources reads sources.txt.
func parseSources(text string) ([]source, error) {
	var sources []source
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		s, err := parseSource(fields)
		if err != nil {
			return nil, fmt.Errorf("read sources: %w", err)
		}
		sources = append(sources, s)
	}
	return sources, nil
}

func parseSource(fields []string) (source, error) {
	if len(fields) != 7 {
		return source{}, fmt.Errorf("%q has %d columns, not 7", fields[0], len(fields))
	}
	ranked, err := strconv.Atoi(fields[6])
	if err != nil {
		return source{}, err
	}
	return source{
		registry: fields[0], name: fields[1], version: fields[2], archive: fields[3], integrity: fields[4],
		list: fields[5], ranked: ranked,
	}, nil
}

// String names the source in the filter's header.
func (s source) String() string { return s.registry + " " + s.name + " " + s.version }

// choosable leaves out the lines that nobody can choose.
func choosable(lines []string) []string {
	var passwords []string
	for _, line := range lines {
		if canBeChosen(line) {
			passwords = append(passwords, line)
		}
	}
	return passwords
}

// canBeChosen tells whether a line is a password that a policy may allow, and has not lost characters on its way.
func canBeChosen(line string) bool {
	n := utf8.RuneCountInString(line)
	return minChosen <= n && n <= maxListed && utf8.ValidString(line) && !strings.ContainsRune(line, utf8.RuneError)
}
