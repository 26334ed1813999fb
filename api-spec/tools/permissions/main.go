// Permissions writes the Go tables with which a service lets requests in: what
// each operation needs, whose things it reaches, the scope of API keys that may
// call it, its route as Fiber writes it and the bodies it reads. It fails when an
// operation does not say who may call it, or whose things it reaches.
//
//	permissions bundle.yaml permissions.gen.go
package main

import (
	"fmt"
	"os"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: permissions bundle.yaml permissions.gen.go")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "permissions:", err)
		os.Exit(1)
	}
}

func run(spec, out string) error {
	doc, err := yamldoc.Read(spec)
	if err != nil {
		return err
	}
	ops, err := operations(doc)
	if err != nil {
		return err
	}
	tables, err := tables(ops)
	if err != nil {
		return err
	}
	return os.WriteFile(out, tables, 0o644)
}
