package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

// known are the permissions httpd understands. Any other word would close the
// operation to everybody, so it is refused here.
var known = []string{"public", "delegate", "secretariat"}

// operation is what the tables say of one.
type operation struct {
	id, permission, route string
	mediaTypes            []string
}

// operations lists what doc describes, sorted by id.
func operations(doc *yamldoc.Doc) ([]operation, error) {
	var out []operation
	paths, _ := doc.Root["paths"].(yamldoc.Map)
	for path, i := range paths {
		item, _ := i.(yamldoc.Map)
		for _, method := range yamldoc.Methods {
			o, ok := item[method].(yamldoc.Map)
			if !ok {
				continue
			}
			op, err := read(doc, method, path, o)
			if err != nil {
				return nil, err
			}
			out = append(out, op)
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.id, b.id) })
	return out, nil
}

var variable = regexp.MustCompile(`\{([^}]+)\}`)

func read(doc *yamldoc.Doc, method, path string, o yamldoc.Map) (operation, error) {
	id, _ := o["operationId"].(string)
	permission, _ := o["x-permission"].(string)
	switch {
	case id == "":
		return operation{}, fmt.Errorf("%s %s has no operationId", method, path)
	case !slices.Contains(known, permission):
		return operation{}, fmt.Errorf("%s: x-permission is %q; say who may call it: %s", id, permission, strings.Join(known, ", "))
	}
	op := operation{
		id: id, permission: permission,
		route: strings.ToUpper(method) + " " + variable.ReplaceAllString(path, ":$1"),
	}
	if body, ok := o["requestBody"].(yamldoc.Map); ok {
		content, _ := doc.Resolve(body)["content"].(yamldoc.Map)
		op.mediaTypes = slices.Sorted(maps.Keys(content))
	}
	return op, nil
}
