// Package builtin has the presets that come with Caretaker as functions have them: read and checked before, so that they hold
// no YAML and nothing to read it with.
package builtin

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/caretaker/caretaker/internal/directory"
)

// written holds each preset under its name; a test makes it of the files in internal/presets (-update).
//
//go:embed presets.json
var written []byte

// Presets is the catalogue. A preset is read when it is first asked for, so that a function's start pays for none.
type Presets struct {
	all func() map[string]json.RawMessage
	mu  sync.Mutex
	// read has those that were asked for.
	read map[string]directory.Preset
}

var _ directory.Presets = (*Presets)(nil)

// New makes the catalogue.
func New() *Presets {
	return &Presets{read: map[string]directory.Preset{}, all: sync.OnceValue(func() map[string]json.RawMessage {
		var all map[string]json.RawMessage
		must(json.Unmarshal(written, &all))
		return all
	})}
}

// Names lists the presets.
func (p *Presets) Names() []string { return slices.Sorted(maps.Keys(p.all())) }

// Preset returns a preset; false if there is none of that name.
func (p *Presets) Preset(name string) (directory.Preset, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if read, ok := p.read[name]; ok {
		return read, true
	}
	text, ok := p.all()[name]
	if !ok {
		return directory.Preset{}, false
	}
	var read directory.Preset
	must(json.Unmarshal(text, &read))
	p.read[name] = read
	return read, true
}

// must fails where a part of the program is broken, which a test rules out.
func must(err error) {
	if err != nil {
		panic(fmt.Errorf("read the presets: %w", err))
	}
}
