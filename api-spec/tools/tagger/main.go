// Tagger copies the constraints of a bundled OpenAPI 3.1 document into
// x-oapi-codegen-extra-tags, so that the generated structs carry validator tags
// and the document stays the only place where a limit is written. It fails on a
// constraint nobody would check.
//
//	tagger in.yaml out.yaml
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: tagger in.yaml out.yaml")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "tagger:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	doc, err := yamldoc.Read(in)
	if err != nil {
		return err
	}
	t := &tagger{doc: doc}
	t.requests()
	t.lighten()
	if len(t.faults) > 0 {
		slices.Sort(t.faults)
		return errors.New(strings.Join(t.faults, "\n"))
	}
	return doc.Write(out)
}
