package breached

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
)

// The form of version 1. Every entry is the number that its hash comes to in a range of oneIn numbers per entry. The
// numbers are sorted and cut into blocks of equal spans, and each block holds the distances between its own as Rice
// codes (codes.go). A file is
//
//	the header: one line of JSON
//	where each block's codes begin, and where the last one's end: 32 bits each, in bits behind this list
//	the codes
//	eight bytes of nothing, so that eight bytes can be read at every code
//
// Numbers are little-endian. 15.8 bits an entry come of it; docs/decisions.md has what else was weighed.
const (
	version = 1

	oneInBits = 14
	oneIn     = 1 << oneInBits

	// blockBits makes blocks of 128 entries on average: half of one is read for a look-up.
	blockBits = oneInBits + 7

	// riceBits is the shortest for distances of oneIn on average.
	riceBits = oneInBits - 1

	maxEntries = 1 << 24
)

// What an entry begins with, before its word.
const (
	commonEntry = "c"
	rareEntry   = "r"
)

// Header is what a filter says about itself.
type Header struct {
	Version int `json:"version"`
	// Common and Rare are how many passwords of the lists, folded, are found.
	Common int `json:"common"`
	Rare   int `json:"rare"`
	// Entries is how many of them are kept; the others are disguises of these.
	Entries int `json:"entries"`
	// OneIn says that one look-up in so many finds what is not there.
	OneIn int `json:"oneIn"`
	// Sources names the lists with the versions of the packages that they came from.
	Sources []string `json:"sources"`
}

// Filter holds a list of passwords in a form that can say whether one is on it, but not which are. It is never
// changed, so any number of goroutines may use it.
type Filter struct {
	header Header
	blocks int
	starts []byte
	codes  []byte
}

// Open makes a filter of what Build returned. It keeps data and copies none of it.
func Open(data []byte) (*Filter, error) {
	f, err := open(data)
	if err != nil {
		return nil, fmt.Errorf("open filter of breached passwords: %w", err)
	}
	return f, nil
}

func open(data []byte) (*Filter, error) {
	line, body, _ := bytes.Cut(data, []byte("\n"))
	f := &Filter{}
	if err := json.Unmarshal(line, &f.header); err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	if f.header.Version != version || f.header.OneIn != oneIn {
		return nil, fmt.Errorf("version %d at one in %d is not known", f.header.Version, f.header.OneIn)
	}
	if f.header.Entries < 0 || f.header.Entries > maxEntries {
		return nil, fmt.Errorf("%d entries", f.header.Entries)
	}
	f.blocks = blocksFor(f.header.Entries)
	size := (f.blocks + 1) * 4
	if len(body) < size+codePadding {
		return nil, errors.New("cut short")
	}
	f.starts, f.codes = body[:size], body[size:]
	if err := f.checkStarts(); err != nil {
		return nil, err
	}
	return f, nil
}

// checkStarts lets has trust the places it reads at.
func (f *Filter) checkStarts() error {
	before := 0
	for block := range f.blocks + 1 {
		start := f.start(block)
		if start < before {
			return fmt.Errorf("block %d begins before the one in front of it", block)
		}
		before = start
	}
	if before > (len(f.codes)-codePadding)*8 {
		return errors.New("cut short")
	}
	return nil
}

// Header tells what the filter was built from.
func (f *Filter) Header() Header { return f.header }

// Known tells whether the password, or what it disguises, was listed; the package comment has the rule.
func (f *Filter) Known(password string) bool { return known(password, f) }

func (f *Filter) isCommon(word string) bool { return f.has(commonEntry + word) }
func (f *Filter) isRare(word string) bool   { return f.has(rareEntry + word) }

func (f *Filter) has(entry string) bool {
	number := numberOf(entry, f.header.Entries)
	block := int(number >> blockBits)
	codes := codeReader{data: f.codes, at: f.start(block)}
	end := f.start(block + 1)
	for sum := uint64(block) << blockBits; codes.at < end; {
		sum += codes.next()
		if sum >= number {
			return sum == number
		}
	}
	return false
}

func (f *Filter) start(block int) int { return int(binary.LittleEndian.Uint32(f.starts[block*4:])) }

// blocksFor is one block more than there may be numbers for, so that no entry at all makes a filter too.
func blocksFor(entries int) int { return entries*oneIn>>blockBits + 1 }

// numberOf spreads entries evenly over oneIn numbers for each. The hash needs no secret: who finds two words with one
// number has found a password that is refused for nothing.
func numberOf(entry string, entries int) uint64 {
	sum := sha256.Sum256([]byte(entry))
	number, _ := bits.Mul64(binary.LittleEndian.Uint64(sum[:]), uint64(entries)*oneIn)
	return number
}
