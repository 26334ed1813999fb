package privacy

import (
	"reflect"
	"strings"
	"time"
)

// secret are the fields that open something: of them it is only said whether
// there is anything.
func secret(name string) bool { return name == "hash" || name == "code" }

// Show renders documents field by field under the names they are stored by, so
// that a field nobody thought of is shown too. An empty field is shown as what
// it is, and so is one that came with a later build.
func Show(doc any) any { return show(reflect.ValueOf(doc)) }

func show(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return show(v.Elem())
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			if t.IsZero() {
				return nil
			}
			return t.UTC()
		}
		fields := map[string]any{}
		showFields(v, fields)
		return fields
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Interface()
		}
		list := make([]any, 0, v.Len())
		for i := range v.Len() {
			list = append(list, show(v.Index(i)))
		}
		return list
	case reflect.Map:
		entries := make(map[string]any, v.Len())
		for k, x := range v.Seq2() {
			entries[k.String()] = show(x)
		}
		return entries
	}
	return v.Interface()
}

func showFields(v reflect.Value, into map[string]any) {
	for f, x := range v.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("bson"), ",")
		switch {
		case !f.IsExported() || name == "-":
		case strings.Contains(options, "inline"):
			showFields(x, into)
		case secret(name):
			into[name] = !x.IsZero()
		default:
			if name == "" {
				name = strings.ToLower(f.Name)
			}
			into[name] = show(x)
		}
	}
}
