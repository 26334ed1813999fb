package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

// The words httpd understands. Any other would close the operation to
// everybody, so it is refused here.
var (
	permissions = []string{"public", "delegate", "liaison", "desk", "party", "secretariat"}
	owners      = []string{"self", "delegation", "conference"}
	scopes      = []string{"agenda:read", "agenda:write", "people:read", "people:write", "audit:read"}
)

// operation is what the tables say of one. The scope is empty when no API key
// may call it.
type operation struct {
	id, permission, owner, scope, route string
	mediaTypes                          []string
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
	owner, _ := o["x-owner"].(string)
	scope, _ := o["x-scope"].(string)
	_, scoped := o["x-scope"]
	switch {
	case id == "":
		return operation{}, fmt.Errorf("%s %s has no operationId", method, path)
	case !slices.Contains(permissions, permission):
		return operation{}, fmt.Errorf("%s: x-permission is %q; say who may call it: %s", id, permission, strings.Join(permissions, ", "))
	case !slices.Contains(owners, owner):
		return operation{}, fmt.Errorf("%s: x-owner is %q; say whose things it reaches: %s", id, owner, strings.Join(owners, ", "))
	case scoped && !slices.Contains(scopes, scope):
		return operation{}, fmt.Errorf("%s: x-scope is %q; a key has one of: %s", id, scope, strings.Join(scopes, ", "))
	case scoped && (permission == "public" || owner != "conference"):
		return operation{}, fmt.Errorf("%s: an API key is nobody and of no delegation; x-scope has no meaning here", id)
	}
	op := operation{
		id: id, permission: permission, owner: owner, scope: scope,
		route: strings.ToUpper(method) + " " + variable.ReplaceAllString(path, ":$1"),
	}
	if body, ok := o["requestBody"].(yamldoc.Map); ok {
		content, _ := doc.Resolve(body)["content"].(yamldoc.Map)
		op.mediaTypes = slices.Sorted(maps.Keys(content))
	}
	return op, nil
}
