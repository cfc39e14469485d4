package breached

import (
	"encoding/binary"
	"math/bits"
)

// Rice codes: a number is written as its quotient by 2^riceBits in unary (so many ones and a zero) and its remainder
// in riceBits bits, the lowest bit first. Numbers whose frequency falls off evenly, as the distances between random
// numbers do, take hardly more room than information theory asks.

const (
	// codePadding is how many bytes stand behind the last code.
	codePadding = 8
	// peeked is how many bits can be seen at once from any place, which may lie inside a byte.
	peeked = 64 - 7
)

// codeReader reads codes from a place counted in bits. Behind the end it reads zeros.
type codeReader struct {
	data []byte
	at   int
}

func (r *codeReader) next() uint64 {
	quotient := r.ones()
	remainder := r.peek() & (1<<riceBits - 1)
	r.at += riceBits
	return quotient<<riceBits | remainder
}

// ones counts ones up to the next zero, and passes it.
func (r *codeReader) ones() uint64 {
	count := 0
	for {
		n := min(bits.TrailingZeros64(^r.peek()), peeked)
		count += n
		r.at += n
		if n < peeked {
			r.at++
			return uint64(count)
		}
	}
}

// peek has the next bits, the first one lowest; peeked of them are true.
func (r *codeReader) peek() uint64 {
	first := r.at / 8
	if first+8 > len(r.data) {
		return 0
	}
	return binary.LittleEndian.Uint64(r.data[first:]) >> (r.at % 8)
}

// codeWriter is the reverse of codeReader.
type codeWriter struct {
	data []byte
	at   int
}

func (w *codeWriter) write(number uint64) {
	for range number >> riceBits {
		w.bit(1)
	}
	w.bit(0)
	for i := range riceBits {
		w.bit(byte(number>>i) & 1)
	}
}

func (w *codeWriter) bit(b byte) {
	if w.at%8 == 0 {
		w.data = append(w.data, 0)
	}
	w.data[w.at/8] |= b << (w.at % 8)
	w.at++
}
