package main

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// spoil breaks one thing about r. Whether the result is still allowed, the
// document says afterwards; a few things it cannot say.
func (f *fuzzer) spoil(o operation, r *request, object map[string]any) {
	var ways []func()
	if o.secured {
		ways = append(ways, func() {
			r.header.Del("Authorization")
			r.spoilt, r.certain = "no token", true
		})
	}
	ways = append(ways, func() {
		r.query.Set("zzUnknown", "1")
		r.spoilt, r.certain = "an unknown parameter", true
	})
	if len(o.parameters) > 0 {
		ways = append(ways, func() { f.spoilParameter(o, r) }, func() { f.spoilParameter(o, r) })
	}
	if o.RequestBody != nil {
		ways = append(ways, func() {
			r.header.Set("Content-Type", "text/plain")
			r.spoilt, r.certain = "another media type", true
		})
	}
	if object != nil {
		ways = append(ways,
			func() { r.body, r.spoilt = r.body[:len(r.body)-1], "half a body" },
			func() { r.body, r.spoilt = []byte(`[`+string(r.body)+`]`), "a list for an object" })
		for range 4 {
			ways = append(ways, func() { f.spoilMember(r, object) })
		}
	}
	ways[f.IntN(len(ways))]()
}

func (f *fuzzer) spoilParameter(o operation, r *request) {
	p := o.parameters[f.IntN(len(o.parameters))].Value
	bad := []string{"", "-1", "1e99", "\u00e9\u2028", strings.Repeat("9", 200), "../..", "'--", "1,2"}[f.IntN(8)]
	r.spoilt = "parameter " + p.Name
	switch p.In {
	case "path":
		if bad == "" || strings.Contains(bad, "..") {
			bad = "%" // an empty or a dotted segment is another path
		}
		segments := strings.Split(o.path, "/")
		built := strings.Split(r.path, "/")
		for i, s := range segments {
			if s == "{"+p.Name+"}" && i < len(built) {
				built[i] = url.PathEscape(bad)
			}
		}
		r.path = strings.Join(built, "/")
	case "query":
		r.query.Set(p.Name, bad)
		r.certain = bad == "" && !p.Schema.Value.Type.Includes("string") // the validator takes it for absent
	case "header":
		if bad == "" || strings.ContainsAny(bad, "\u00e9") {
			r.header.Del(p.Name)
			r.spoilt = "no " + p.Name
		} else {
			r.header.Set(http.CanonicalHeaderKey(p.Name), bad)
		}
	}
}

func (f *fuzzer) spoilMember(r *request, object map[string]any) {
	names := slices.Sorted(maps.Keys(object))
	if len(names) == 0 || f.oneIn(6) {
		object["zzUnknown"] = 1
		r.spoilt = "an unknown member"
		r.write(object)
		return
	}
	name := names[f.IntN(len(names))]
	switch f.IntN(7) {
	case 0:
		delete(object, name)
		r.spoilt = name + " left out"
	case 1:
		object[name], r.spoilt = "", name+" empty"
	case 2:
		object[name], r.spoilt = strings.Repeat("x", 6000), name+" very long"
	case 3:
		object[name], r.spoilt = 12345, name+" a number"
	case 4:
		object[name], r.spoilt = nil, name+" null"
	case 5:
		object[name], r.spoilt = []any{map[string]any{"a": 1}}, name+" a list"
	default:
		value := object[name]
		delete(object, name)
		object[strings.ToUpper(name)], r.spoilt = value, name+" in capitals"
	}
	r.write(object)
}
