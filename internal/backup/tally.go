package backup

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"time"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

// Summary is what records come to: two stores with the same one hold the same.
type Summary struct {
	Records int       `json:"records"`
	Digest  string    `json:"digest"`
	At      time.Time `json:"at"`
}

func (s Summary) String() string { return fmt.Sprintf("%d records, digest %.16s", s.Records, s.Digest) }

// Tally works out a Summary of records that come in any order: the digests of all of them, added up. That tells of whatever
// was lost or changed by accident; it is no protection against somebody who means to deceive.
type Tally struct {
	records int
	sum     [4]uint64
}

// Add takes a record, and returns it as a line of an archive.
func (t *Tally) Add(r engine.Record) ([]byte, error) {
	text, err := dynamo.Line(r)
	if err != nil {
		return nil, fmt.Errorf("write the record %q %q: %w", r.Key.Partition, r.Key.Sort, err)
	}
	digest := sha256.Sum256(text)
	var carry uint64
	for i := range t.sum {
		t.sum[i], carry = bits.Add64(t.sum[i], binary.BigEndian.Uint64(digest[8*i:]), carry)
	}
	t.records++
	return text, nil
}

// Summary is what has come so far.
func (t *Tally) Summary() Summary {
	var digest [32]byte
	for i, word := range t.sum {
		binary.BigEndian.PutUint64(digest[8*i:], word)
	}
	return Summary{Records: t.records, Digest: hex.EncodeToString(digest[:])}
}
