// Package yamldoc reads and writes the YAML documents the tools pass on to
// each other, as plain maps: a tool here changes two or three members of a
// document it otherwise leaves alone, and typed models lose what they do not
// know. Keys come out sorted, so the same document is the same file.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Map is a mapping of a document.
type Map = map[string]any

// Doc is a document as a whole.
type Doc struct{ Root Map }

// Read loads the file at path.
func Read(path string) (*Doc, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d := &Doc{}
	if err := yaml.Unmarshal(b, &d.Root); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return d, nil
}

// Parse reads a document from text.
func Parse(text string) (*Doc, error) {
	d := &Doc{}
	return d, yaml.Unmarshal([]byte(text), &d.Root)
}

// order is how a reader expects the beginning of a document; the rest follows
// sorted.
var order = []string{"openapi", "asyncapi", "info", "servers", "security", "tags", "paths", "channels", "operations", "components"}

// Write saves the document at path.
func (d *Doc) Write(path string) error {
	keys := slices.Sorted(maps.Keys(d.Root))
	slices.SortStableFunc(keys, func(a, b string) int { return place(a) - place(b) })
	var b bytes.Buffer
	for _, k := range keys {
		e := yaml.NewEncoder(&b)
		e.SetIndent(2)
		if err := errors.Join(e.Encode(Map{k: d.Root[k]}), e.Close()); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func place(key string) int {
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	return len(order)
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// Resolve follows local references from m to what they stand for. A reference
// that leads nowhere gives nil.
func (d *Doc) Resolve(m Map) Map {
	for range 10 {
		ref, ok := m["$ref"].(string)
		if !ok {
			return m
		}
		var at any = d.Root
		for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			here, _ := at.(Map)
			at = here[unescape.Replace(step)]
		}
		m, _ = at.(Map)
	}
	return m
}

// Methods are the members of a path item that are operations, in the order in
// which a reader expects them.
var Methods = []string{"get", "put", "post", "patch", "delete", "head", "options", "trace"}
