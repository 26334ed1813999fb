// Merge makes one OpenAPI document for app developers out of the bundled ones
// of the services. Services share components; what has one name must be one
// thing, and a path belongs to one service.
//
//	merge head.yaml out.yaml out.json service.yaml...
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

func main() {
	if len(os.Args) < 5 {
		fmt.Fprintln(os.Stderr, "usage: merge head.yaml out.yaml out.json service.yaml...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4:]); err != nil {
		fmt.Fprintln(os.Stderr, "merge:", err)
		os.Exit(1)
	}
}

func run(head, outYAML, outJSON string, services []string) error {
	whole, err := yamldoc.Read(head)
	if err != nil {
		return err
	}
	for _, path := range services {
		one, err := yamldoc.Read(path)
		if err != nil {
			return err
		}
		if err := add(whole.Root, one.Root); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(whole.Root); err != nil {
		return err
	}
	return errors.Join(whole.Write(outYAML), os.WriteFile(outJSON, text.Bytes(), 0o644))
}

// add puts the paths, tags and components of one into whole.
func add(whole, one yamldoc.Map) error {
	tags, _ := whole["tags"].([]any)
	more, _ := one["tags"].([]any)
	whole["tags"] = append(tags, more...)
	if err := union(child(whole, "paths"), child(one, "paths"), false); err != nil {
		return err
	}
	components := child(whole, "components")
	for kind := range child(one, "components") {
		if err := union(child(components, kind), child(child(one, "components"), kind), true); err != nil {
			return fmt.Errorf("components/%s: %w", kind, err)
		}
	}
	return nil
}

// child is the mapping of m called name, made if it is not there.
func child(m yamldoc.Map, name string) yamldoc.Map {
	c, ok := m[name].(yamldoc.Map)
	if !ok {
		c = yamldoc.Map{}
		m[name] = c
	}
	return c
}

// union adds the members of b to a. Where both have one it must be the same,
// and even then only where sharing is meant.
func union(a, b yamldoc.Map, shared bool) error {
	for name, v := range b {
		if old, ok := a[name]; ok && (!shared || !reflect.DeepEqual(old, v)) {
			return fmt.Errorf("%s is there already, and another", name)
		}
		a[name] = v
	}
	return nil
}
