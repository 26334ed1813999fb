package main

import "plenary.example/api-spec/tools/internal/yamldoc"

// operations calls f with every operation and the item it belongs to.
func (t *tagger) operations(f func(where string, item, op yamldoc.Map)) {
	paths, _ := t.doc.Root["paths"].(yamldoc.Map)
	for path, i := range paths {
		item, _ := i.(yamldoc.Map)
		for _, method := range yamldoc.Methods {
			if op, ok := item[method].(yamldoc.Map); ok {
				f(method+" "+path, item, op)
			}
		}
	}
}

// reach calls f with everything that can be reached from n, through references
// too, each once.
func (t *tagger) reach(n any, seen map[string]bool, f func(yamldoc.Map)) {
	switch v := n.(type) {
	case yamldoc.Map:
		if ref, ok := v["$ref"].(string); ok {
			if !seen[ref] {
				seen[ref] = true
				t.reach(t.doc.Resolve(v), seen, f)
			}
			return
		}
		f(v)
		for _, x := range v {
			t.reach(x, seen, f)
		}
	case []any:
		for _, x := range v {
			t.reach(x, seen, f)
		}
	}
}

// requests tags what clients send. What we send ourselves needs no validator:
// the contract tests hold it to the document.
func (t *tagger) requests() {
	seen := make(map[string]bool)
	t.operations(func(where string, item, op yamldoc.Map) {
		for _, part := range []any{item["parameters"], op["parameters"], op["requestBody"]} {
			t.reach(part, seen, func(m yamldoc.Map) { t.walkOne(m, where) })
		}
	})
}

// lighten drops the pointer of optional texts, numbers and lists that only
// answers have: there the zero value is left out, which is what its writer
// means. In a request, absent and zero differ.
func (t *tagger) lighten() {
	sent := make(map[string]bool)
	t.operations(func(_ string, item, op yamldoc.Map) {
		for _, part := range []any{item["parameters"], op["parameters"], op["requestBody"]} {
			t.reach(part, sent, func(yamldoc.Map) {})
		}
	})
	components, _ := t.doc.Root["components"].(yamldoc.Map)
	schemas, _ := components["schemas"].(yamldoc.Map)
	for name, s := range schemas {
		if sent["#/components/schemas/"+name] {
			continue
		}
		schema, _ := s.(yamldoc.Map)
		props, _ := schema["properties"].(yamldoc.Map)
		for _, p := range props {
			prop, _ := p.(yamldoc.Map)
			switch kind, nullable := typeOf(prop); {
			case nullable || prop["format"] == "date-time":
			case kind == "string" || kind == "integer" || kind == "number" || kind == "array":
				prop["x-go-type-skip-optional-pointer"] = true
			}
		}
	}
}
