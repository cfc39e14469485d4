package embedded

import "fmt"

// Params is what a hash costs. Hashes carry the params they were made with, so changing them needs no migration: each
// password is hashed anew at its next successful verification.
type Params struct {
	MemoryKiB uint32 // m: 8 per lane to 1 GiB
	Passes    uint32 // t: 1 to 16
	Lanes     uint8  // p: 1 to 16
}

// Recommended is the first choice of the OWASP Password Storage Cheat Sheet for argon2id: 19 MiB, two passes, one lane.
func Recommended() Params { return Params{MemoryKiB: 19 << 10, Passes: 2, Lanes: 1} }

// Bounds of Params. The lower ones are the algorithm's (RFC 9106 section 3.1). The upper ones keep a hash that was
// tampered with, or a slip in the configuration, from taking the machine's memory or minutes of its time.
const (
	minMemoryPerLane = 8
	maxMemory        = 1 << 20
	maxPasses        = 16
	maxLanes         = 16
)

// Validate says which bound is broken.
func (p Params) Validate() error {
	least := minMemoryPerLane * uint32(p.Lanes)
	switch {
	case p.Lanes < 1 || p.Lanes > maxLanes:
		return fmt.Errorf("argon2id lanes are %d, must be 1 to %d", p.Lanes, maxLanes)
	case p.Passes < 1 || p.Passes > maxPasses:
		return fmt.Errorf("argon2id passes are %d, must be 1 to %d", p.Passes, maxPasses)
	case p.MemoryKiB < least || p.MemoryKiB > maxMemory:
		return fmt.Errorf("argon2id memory is %d KiB, must be %d to %d", p.MemoryKiB, least, maxMemory)
	}
	return nil
}
