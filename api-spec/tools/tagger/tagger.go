package main

import (
	"fmt"
	"slices"
	"strings"

	"plenary.example/api-spec/tools/internal/yamldoc"
)

const extraTags = "x-oapi-codegen-extra-tags"

// tagger works on one document and collects what it could not do.
type tagger struct {
	doc    *yamldoc.Doc
	faults []string
}

func (t *tagger) fault(where, format string, args ...any) {
	t.faults = append(t.faults, where+": "+fmt.Sprintf(format, args...))
}

// walkOne tags the properties or the parameter that m is the holder of.
func (t *tagger) walkOne(m yamldoc.Map, where string) {
	if props, ok := m["properties"].(yamldoc.Map); ok {
		required := words(m["required"])
		for name, p := range props {
			if s, ok := p.(yamldoc.Map); ok {
				t.tag(s, s, slices.Contains(required, name), where+" /"+name)
			}
		}
	}
	if in, _ := m["in"].(string); in != "" {
		if s, ok := m["schema"].(yamldoc.Map); ok {
			t.tag(m, s, m["required"] == true, fmt.Sprintf("%s (%v)", where, m["name"]))
		}
	}
}

// tag gives holder the validator tag that says what schema says. A tag that is
// already there was written by hand and wins.
func (t *tagger) tag(holder, schema yamldoc.Map, required bool, where string) {
	if _, done := holder[extraTags]; done {
		return
	}
	s := t.doc.Resolve(schema)
	kind, nullable := typeOf(s)
	rules := t.rules(schema, where)
	switch {
	case required && !nullable:
		if mustBeThere(s, kind) {
			rules = append([]string{"required"}, rules...)
		}
	case len(rules) > 0:
		rules = append([]string{"omitempty"}, rules...)
	}
	if len(rules) > 0 {
		holder[extraTags] = yamldoc.Map{"validate": strings.Join(rules, ",")}
	}
}

// mustBeThere says whether "required" may be asked of a value of s. The
// validator means "not zero" by it, which is wrong for numbers, booleans and
// strings that may be empty.
func mustBeThere(s yamldoc.Map, kind string) bool {
	switch kind {
	case "array":
		return true
	case "string":
		least, _ := s["minLength"].(int)
		return least > 0 || s["enum"] != nil || s["format"] != nil
	}
	return false
}

var formats = map[any]string{
	"uuid": "uuid", "email": "email", "uri": "uri", "hostname": "hostname_rfc1123", "date": "datetime=2006-01-02", "bcp47": "bcp47_language_tag",
}

// rules are the validator's words for the constraints of a schema.
func (t *tagger) rules(schema yamldoc.Map, where string) []string {
	s := t.doc.Resolve(schema)
	kind, _ := typeOf(s)
	var r []string
	add := func(key, word string) {
		if v, ok := s[key]; ok {
			r = append(r, fmt.Sprintf("%s=%v", word, v))
		}
	}
	switch kind {
	case "string":
		add("minLength", "min")
		add("maxLength", "max")
		if e, ok := s["enum"].([]any); ok {
			// Null is the type's to allow: the validator never sees it, and the
			// generator would make a constant of it.
			e = slices.DeleteFunc(e, func(v any) bool { return v == nil })
			s["enum"] = e
			r = append(r, "oneof="+choices(e))
		}
		if word, ok := formats[s["format"]]; ok {
			r = append(r, word)
		}
		if _, ok := s["pattern"]; ok && s["x-validated-by"] == nil {
			t.fault(where, "the validator has no pattern; check it by hand and say where with x-validated-by")
		}
	case "integer", "number":
		add("minimum", "gte")
		add("maximum", "lte")
		add("exclusiveMinimum", "gt")
		add("exclusiveMaximum", "lt")
	case "array":
		add("minItems", "min")
		add("maxItems", "max")
		if s["uniqueItems"] == true {
			r = append(r, "unique")
		}
		if items, ok := s["items"].(yamldoc.Map); ok {
			inner := t.rules(items, where+"[]")
			if k, _ := typeOf(t.doc.Resolve(items)); len(inner) > 0 || k == "object" {
				r = append(append(r, "dive"), inner...)
			}
		}
	case "object":
		add("minProperties", "min")
		add("maxProperties", "max")
		if values, ok := s["additionalProperties"].(yamldoc.Map); ok {
			inner := t.rules(values, where+"{}")
			k, nullable := typeOf(t.doc.Resolve(values))
			if nullable && len(inner) > 0 {
				inner = append([]string{"omitempty"}, inner...)
			}
			if len(inner) > 0 || k == "object" {
				r = append(append(r, "dive"), inner...)
			}
		}
	}
	return r
}

func choices(values []any) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = fmt.Sprint(v)
		if strings.Contains(list[i], " ") {
			list[i] = "'" + list[i] + "'"
		}
	}
	return strings.Join(list, " ")
}

// typeOf is the type of a schema and whether null is another.
func typeOf(s yamldoc.Map) (kind string, nullable bool) {
	if one, ok := s["type"].(string); ok {
		return one, false
	}
	for _, v := range words(s["type"]) {
		if v == "null" {
			nullable = true
		} else {
			kind = v
		}
	}
	return kind, nullable
}

func words(list any) []string {
	var out []string
	l, _ := list.([]any)
	for _, v := range l {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
