package text

import (
	_ "embed"
	"encoding/binary"
	"strings"
	"unicode"
)

// latinTable says how characters are written in ASCII, as go-unidecode does; a test makes it (-update) and holds it to that.
// The library's own form of the same takes a megabyte of every function, and a start to fill.
//
// All its numbers are of two bytes, the high one first: how many blocks of 256 characters there are, and how many words; the
// number of each block, in order; for each character of each block, its word; where each word begins, and the last ends;
// then the words.
//
//go:embed latin.table
var latinTable string

// latin finds the word of a character; "" if there is none.
func latin(r rune) string {
	blocks, words := number(0), number(1)
	low, high := 0, blocks
	for low < high {
		if middle := (low + high) / 2; number(2+middle) < int(r>>8) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == blocks || number(2+low) != int(r>>8) {
		return ""
	}
	word := number(2 + blocks + low*blockSize + int(r&0xff))
	starts := 2 + blocks + blocks*blockSize
	text := latinTable[2*(starts+words+1):]
	return text[number(starts+word):number(starts+word+1)]
}

const blockSize = 256

// number is the table's n-th.
func number(n int) int { return int(binary.BigEndian.Uint16([]byte(latinTable[2*n : 2*n+2]))) }

// Latin transliterates to ASCII: "Zoë Ångström" becomes "Zoe Angstrom".
func Latin(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < unicode.MaxASCII {
			b.WriteRune(r)
			continue
		}
		b.WriteString(latin(r))
	}
	return b.String()
}
