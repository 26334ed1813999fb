package main

import (
	"bytes"
	"fmt"
	"go/format"
	"strconv"
	"strings"
)

// tables makes the Go file of the tables.
func tables(ops []operation) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated from api-spec by permissions. DO NOT EDIT.\n\npackage api\n\n")
	table := func(name, promise string, value func(operation) (key, word string)) {
		fmt.Fprintf(&b, "// %s %s\nvar %s = map[string]string{\n", name, promise, name)
		for _, op := range ops {
			if key, word := value(op); word != "" {
				fmt.Fprintf(&b, "%q: %q,\n", key, word)
			}
		}
		b.WriteString("}\n\n")
	}
	table("Permissions", "says who may call each operation.", func(op operation) (string, string) { return op.id, op.permission })
	table("Owners", "says whose things each operation reaches.", func(op operation) (string, string) { return op.id, op.owner })
	table("Scopes", "says with which scope an API key may call an operation. One that is not here\n// is closed to every key.", func(op operation) (string, string) { return op.id, op.scope })
	table("Routes", "names the operation behind each route.", func(op operation) (string, string) { return op.route, op.id })
	b.WriteString("// MediaTypes lists what each operation that takes a body reads.\nvar MediaTypes = map[string][]string{\n")
	for _, op := range ops {
		if len(op.mediaTypes) > 0 {
			fmt.Fprintf(&b, "%q: {%s},\n", op.id, quoted(op.mediaTypes))
		}
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}

func quoted(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, strconv.Quote(s))
	}
	return strings.Join(out, ", ")
}
