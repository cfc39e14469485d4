package keyfile

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

const heading = `# Keys that Caretaker seals secrets in its store with. The first one seals, all of them open.
# Keep this file secret, and a copy of it apart from copies of the store: without a key nothing that it sealed can be read.
`

// Without stray bits in the last character, so that a key has one spelling.
var base64Keys = base64.StdEncoding.Strict()

// text is the content of a key file.
func (r ring) text() []byte {
	var b strings.Builder
	b.WriteString(heading)
	for _, k := range r {
		b.WriteString(k.line() + "\n")
	}
	return []byte(b.String())
}

func (k key) line() string { return k.id.String() + " " + base64Keys.EncodeToString(k.raw) }

// parse reads what text writes, with comments and empty lines wherever they stand. Its errors never quote a key.
func parse(text []byte) (ring, error) {
	whole, ended := strings.CutSuffix(string(text), "\n")
	if !ended {
		return nil, errors.New("its last line was cut off")
	}
	var keys ring
	for i, line := range strings.Split(whole, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d %w", i+1, err)
		}
		if _, twice := keys.find(k.id); twice {
			return nil, fmt.Errorf("line %d has a key that stands above already", i+1)
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errors.New("it has no key")
	}
	return keys, nil
}

func parseLine(line string) (key, error) {
	_, encoded, _ := strings.Cut(line, " ")
	raw, err := base64Keys.DecodeString(encoded)
	if err != nil {
		return key{}, errors.New("is not the id of a key and a key in base64")
	}
	k, err := newKey(raw)
	if err != nil {
		return key{}, fmt.Errorf("is no key: %w", err)
	}
	if k.line() != line {
		return key{}, errors.New("has a key that does not match its id")
	}
	return k, nil
}
