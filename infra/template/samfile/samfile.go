// Package samfile reads what SAM reads: template.yaml, and the parameters of it that samconfig.toml sets. It knows nothing
// of what stands in them.
package samfile

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Read gives a template the shape of target, by way of JSON. A short-form function such as !Ref Table is read as the map
// {"!Ref": "Table"}.
func Read(file string, target any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	value, err := anchors{}.plain(parsed.Docs[0].Body)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return Into(value, target)
}

// Into gives a value the shape of target, by way of JSON.
func Into(value, target any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, target)
}

// anchors are the values that a document refers to, by name.
type anchors map[string]any

// plain turns YAML into maps, slices and scalars.
func (a anchors) plain(node ast.Node) (any, error) {
	switch node := node.(type) {
	case *ast.AnchorNode:
		value, err := a.plain(node.Value)
		a[node.Name.GetToken().Value] = value
		return value, err
	case *ast.AliasNode:
		value, known := a[node.Value.GetToken().Value]
		if !known {
			return nil, fmt.Errorf("%s refers to nothing", node)
		}
		return value, nil
	case *ast.TagNode:
		value, err := a.plain(node.Value)
		return map[string]any{node.Start.Value: value}, err
	case ast.MapNode:
		return a.mapping(node)
	case *ast.SequenceNode:
		return a.sequence(node)
	}
	var value any
	err := yaml.NodeToValue(node, &value)
	return value, err
}

func (a anchors) mapping(node ast.MapNode) (any, error) {
	values := map[string]any{}
	for pairs := node.MapRange(); pairs.Next(); {
		value, err := a.plain(pairs.Value())
		if err != nil {
			return nil, err
		}
		values[pairs.Key().GetToken().Value] = value
	}
	return values, nil
}

func (a anchors) sequence(node *ast.SequenceNode) (any, error) {
	values := []any{}
	for _, v := range node.Values {
		value, err := a.plain(v)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

var (
	section  = regexp.MustCompile(`(?m)^\[([a-z]+)\.([a-z_]+)\.parameters\]$`)
	override = regexp.MustCompile(`"([A-Za-z]+)=([^"]*)"`)
)

// Overrides are the template's parameters that a samconfig.toml sets, by environment and command, such as "staging deploy".
func Overrides(file string) (map[string]map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	found := map[string]map[string]string{}
	places := section.FindAllStringSubmatchIndex(string(text), -1)
	for i, at := range places {
		end := len(text)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		_, list, ok := strings.Cut(string(text[at[1]:end]), "parameter_overrides = [")
		if !ok {
			continue
		}
		set := map[string]string{}
		for _, o := range override.FindAllStringSubmatch(list, -1) {
			set[o[1]] = o[2]
		}
		found[string(text[at[2]:at[3]])+" "+string(text[at[4]:at[5]])] = set
	}
	return found, nil
}

// Pattern writes a route of the API as net/http does: the first page and no other, and a path that takes all the rest.
func Pattern(route string) string {
	if strings.HasSuffix(route, " /") {
		return route + "{$}"
	}
	return strings.Replace(route, "+}", "...}", 1)
}
