// Package presets holds the systems that Caretaker can be, as YAML files, and reads them. It knows the form of a
// preset and none of their names: which there are is decided by which files there are.
package presets

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/caretaker/caretaker/internal/directory"
)

//go:embed *.yaml
var files embed.FS

// Catalogue reads presets from files when they are first asked for, so that a function's start pays for none.
type Catalogue struct {
	names   []string
	presets map[string]func() (directory.Preset, error)
}

var _ directory.Presets = (*Catalogue)(nil)

// Builtin is the catalogue of the presets that come with Caretaker. A test proves each of them valid.
func Builtin() *Catalogue {
	c, err := Open(files)
	if err != nil { // the files are part of the program
		panic(err)
	}
	return c
}

// Open makes a catalogue of the files named *.yaml in dir. It reads none of them yet.
func Open(dir fs.FS) (*Catalogue, error) {
	found, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list presets: %w", err)
	}
	c := &Catalogue{presets: map[string]func() (directory.Preset, error){}}
	for _, file := range found {
		name := strings.TrimSuffix(file, path.Ext(file))
		c.names = append(c.names, name)
		c.presets[name] = sync.OnceValues(func() (directory.Preset, error) { return load(dir, file, name) })
	}
	slices.Sort(c.names)
	return c, nil
}

// Names lists the presets.
func (c *Catalogue) Names() []string { return slices.Clone(c.names) }

// Preset returns a preset; false if there is none of that name, or it is faulty: see Check.
func (c *Catalogue) Preset(name string) (directory.Preset, bool) {
	read, ok := c.presets[name]
	if !ok {
		return directory.Preset{}, false
	}
	p, err := read()
	return p, err == nil
}

// Check reads every preset and returns all their faults, each with file, line and reason.
func (c *Catalogue) Check() error {
	var faults []error
	for _, name := range c.names {
		_, err := c.presets[name]()
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

func load(dir fs.FS, file, name string) (directory.Preset, error) {
	source, err := fs.ReadFile(dir, file)
	if err != nil {
		return directory.Preset{}, fmt.Errorf("read preset: %w", err)
	}
	var p directory.Preset
	if err := yaml.NewDecoder(bytes.NewReader(source), yaml.Strict()).Decode(&p); err != nil {
		return p, fmt.Errorf("%s: %s", file, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	p.Name, p.Policy = name, p.Policy.Filled()
	return p, located(file, source, p.Validate())
}

// located says of every fault in which line it is.
func located(file string, source []byte, faults []directory.FieldError) error {
	if len(faults) == 0 {
		return nil
	}
	tree, err := parser.ParseBytes(source, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = fmt.Errorf("%s:%d: %s %s", file, lineOf(tree, f.Field), f.Field, f.Message)
	}
	return errors.Join(errs...)
}

// lineOf finds the line of a field or, where it is missing, of the nearest part around it that is there.
func lineOf(tree *ast.File, field string) int {
	for field != "" {
		if p, err := yaml.PathString("$." + field); err == nil {
			if node, err := p.FilterFile(tree); err == nil && node != nil {
				return node.GetToken().Position.Line
			}
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return 1
}
