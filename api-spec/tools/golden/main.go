// Golden holds the examples of an AsyncAPI document to its own schemas: every
// message has an example, and every example is what the message promises. The
// examples are the files that the tests of producers and consumers read.
//
//	golden bundle.yaml
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: golden bundle.yaml")
		os.Exit(2)
	}
	doc, err := yamldoc.Read(os.Args[1])
	if err == nil {
		err = check(doc)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "golden:", err)
		os.Exit(1)
	}
}

// check reports every message that lacks an example and every example that
// lies.
func check(doc *yamldoc.Doc) error {
	whole, err := plain(doc.Root)
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("doc.json", whole); err != nil {
		return err
	}
	messages := doc.Resolve(yamldoc.Map{"$ref": "#/components/messages"})
	if len(messages) == 0 {
		return errors.New("the document has no messages")
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(messages)) {
		if err := checkMessage(c, doc, name); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(faults...)
}

func checkMessage(c *jsonschema.Compiler, doc *yamldoc.Doc, name string) error {
	schema, err := c.Compile("doc.json#/components/messages/" + name + "/payload")
	if err != nil {
		return err
	}
	message := doc.Resolve(yamldoc.Map{"$ref": "#/components/messages/" + name})
	examples, _ := message["examples"].([]any)
	if len(examples) == 0 {
		return errors.New("there is no example")
	}
	for i, e := range examples {
		example, _ := e.(yamldoc.Map)
		payload, _ := example["payload"].(yamldoc.Map)
		value, err := plain(doc.Resolve(payload))
		if err != nil {
			return err
		}
		if err := schema.Validate(value); err != nil {
			return fmt.Errorf("example %d: %w", i, err)
		}
	}
	return nil
}

// plain is v as it would come out of JSON, which is what validators know.
func plain(v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(b))
}
