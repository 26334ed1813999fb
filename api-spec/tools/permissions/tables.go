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
	b.WriteString("// Permissions says who may call each operation.\nvar Permissions = map[string]string{\n")
	for _, op := range ops {
		fmt.Fprintf(&b, "%q: %q,\n", op.id, op.permission)
	}
	b.WriteString("}\n\n// Routes names the operation behind each route.\nvar Routes = map[string]string{\n")
	for _, op := range ops {
		fmt.Fprintf(&b, "%q: %q,\n", op.route, op.id)
	}
	b.WriteString("}\n\n// MediaTypes lists what each operation that takes a body reads.\nvar MediaTypes = map[string][]string{\n")
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
