package httpd

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"plenary.example/shared/problem"
)

const (
	maxDepth     = 32 // of nesting; our deepest body has three levels
	maxComplaint = 20 // fields named in one answer
)

// decodeStrictly reads one JSON value into v and refuses what encoding/json
// would forgive: members v does not have or has under another spelling, members
// given twice, null where the type has none, anything after the value. Every
// complaint points at its place.
//
// The error is packed into a text, because the generated code flattens what a
// decoder returns into one (see unpack).
func decodeStrictly(data []byte, v any) error {
	t := reflect.TypeOf(v).Elem()
	if t == rawType { // a foreign format: its own reader judges it
		*v.(*json.RawMessage) = bytes.Clone(data)
		return nil
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return pack(unreadable.With(problem.Field{Code: "required", Detail: "The body is missing."}))
	}
	if !utf8.Valid(data) {
		return pack(unreadable.With(problem.Field{Code: "syntax", Detail: "The body is not UTF-8."}))
	}
	w := &walker{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	w.dec.UseNumber()
	err := w.value(t, "", 0, false)
	if err == nil {
		if _, end := w.dec.Token(); !errors.Is(end, io.EOF) {
			err = errTrailing
		}
	}
	switch {
	case errors.Is(err, errEnough):
	case errors.Is(err, errTrailing):
		w.complain("", "trailing_data", "Something follows the JSON value.")
	case err != nil:
		w.complain("", "syntax", "This is not JSON.", "offset", strconv.FormatInt(w.dec.InputOffset(), 10))
	}
	if len(w.fields) > 0 {
		return pack(unreadable.With(w.fields...))
	}
	if len(w.missing) > 0 {
		return pack(invalid.With(w.missing...))
	}
	if err := json.Unmarshal(data, v); err != nil {
		return pack(unreadable.Because(err))
	}
	return nil
}

var (
	unreadable  = problem.New(problem.Malformed, "malformed_body", "The body is not what this operation reads.")
	errTrailing = errors.New("trailing data")
	errEnough   = errors.New("enough complaints")

	rawType         = reflect.TypeFor[json.RawMessage]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

// walker goes through a JSON text and the type it is meant for side by side.
type walker struct {
	data   []byte
	dec    *json.Decoder
	fields []problem.Field
	// missing are members that must be there and may be empty, which the
	// validator cannot tell apart.
	missing []problem.Field
}

func (w *walker) complain(at, code, detail string, params ...string) {
	f := problem.Field{Pointer: at, Code: code, Detail: detail}
	for i := 0; i+1 < len(params); i += 2 {
		if f.Params == nil {
			f.Params = make(map[string]string)
		}
		f.Params[params[i]] = params[i+1]
	}
	w.fields = append(w.fields, f)
}

// value checks the next value against t; a nil t takes anything. Null is taken
// too where nullable says so.
func (w *walker) value(t reflect.Type, at string, depth int, nullable bool) error {
	if len(w.fields) >= maxComplaint {
		return errEnough
	}
	if depth > maxDepth {
		w.complain(at, "too_deep", "The body is nested too deeply.")
		return errEnough
	}
	nullable = nullable || t == nil
	for t != nil && (t.Kind() == reflect.Pointer || isNullable(t)) {
		nullable = nullable || isNullable(t) // a pointer is how the absent is written, not null
		t = t.Elem()
	}
	if t != nil && t.Kind() == reflect.Interface {
		t, nullable = nil, true
	}
	before := w.dec.InputOffset()
	own := t != nil && reflect.PointerTo(t).Implements(unmarshalerType)
	shape := t
	if own {
		shape = nil
	}
	tok, err := w.dec.Token()
	if err != nil {
		return err
	}
	switch tok {
	case json.Delim('{'):
		err = w.object(shape, at, depth)
	case json.Delim('['):
		err = w.array(shape, at, depth)
	case nil:
		if !nullable {
			w.complain(at, "null", "This cannot be null.")
		}
		return nil
	default:
		if shape != nil && !fits(tok, shape) {
			w.mismatch(at, shape)
		}
	}
	if err == nil && own {
		raw := bytes.TrimLeft(w.data[before:w.dec.InputOffset()], " \t\r\n:,")
		if json.Unmarshal(raw, reflect.New(t).Interface()) != nil {
			w.mismatch(at, t)
		}
	}
	return err
}

func (w *walker) object(t reflect.Type, at string, depth int) error {
	var members map[string]member
	var elem reflect.Type
	switch {
	case t == nil:
	case t.Kind() == reflect.Struct:
		members = membersOf(t)
	case t.Kind() == reflect.Map:
		elem = t.Elem()
	default:
		w.mismatch(at, t)
	}
	seen := make(map[string]bool)
	for w.dec.More() {
		tok, err := w.dec.Token()
		if err != nil {
			return err
		}
		name := tok.(string) // the decoder accepts nothing else here
		here := at + "/" + escape.Replace(name)
		if seen[name] {
			w.complain(here, "duplicate_member", "This member is given twice.")
		}
		seen[name] = true
		next := elem
		if members != nil {
			m, known := members[name]
			if !known {
				w.complain(here, "unknown_member", "There is no such member.")
			}
			next = m.typ
		}
		// Every value of a map is there, so a pointer in one can only mean null.
		null := elem != nil && elem.Kind() == reflect.Pointer
		if err := w.value(next, here, depth+1, null); err != nil {
			return err
		}
	}
	for name, m := range members {
		if m.needed && !seen[name] && len(w.missing) < maxComplaint {
			w.missing = append(w.missing, problem.Field{Pointer: at + "/" + escape.Replace(name), Code: "required", Detail: "This is required."})
		}
	}
	_, err := w.dec.Token()
	return err
}

func (w *walker) array(t reflect.Type, at string, depth int) error {
	var elem reflect.Type
	switch {
	case t == nil:
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		elem = t.Elem()
	default:
		w.mismatch(at, t)
	}
	for i := 0; w.dec.More(); i++ {
		if err := w.value(elem, at+"/"+strconv.Itoa(i), depth+1, false); err != nil {
			return err
		}
	}
	_, err := w.dec.Token()
	return err
}

func (w *walker) mismatch(at string, t reflect.Type) {
	want := expected(t)
	w.complain(at, "wrong_type", "This must be "+want+".", "expected", want)
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

func fits(tok json.Token, t reflect.Type) bool {
	switch v := tok.(type) {
	case string:
		return t.Kind() == reflect.String
	case bool:
		return t.Kind() == reflect.Bool
	case json.Number:
		var err error
		switch {
		case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
			_, err = strconv.ParseInt(v.String(), 10, t.Bits())
		case t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64:
			_, err = strconv.ParseUint(v.String(), 10, t.Bits())
		case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
			_, err = strconv.ParseFloat(v.String(), t.Bits())
		default:
			return false
		}
		return err == nil
	}
	return false
}

func expected(t reflect.Type) string {
	switch k := t.Kind(); {
	case k == reflect.String:
		return "a string"
	case k == reflect.Bool:
		return "true or false"
	case k >= reflect.Int && k <= reflect.Uint64:
		return "an integer"
	case k == reflect.Float32 || k == reflect.Float64:
		return "a number"
	case k == reflect.Slice || k == reflect.Array:
		return "an array"
	case t.PkgPath() == "time" && t.Name() == "Time":
		return "an RFC 3339 instant"
	}
	return "an object"
}

// isNullable recognises nullable.Nullable[T] of the generated code, a map from
// true to the value, without depending on its package.
func isNullable(t reflect.Type) bool {
	return t.Kind() == reflect.Map && t.Key().Kind() == reflect.Bool
}

var memberCache sync.Map // reflect.Type → map[string]member

type member struct {
	typ    reflect.Type
	needed bool // and not looked after by the validator, for whom empty is missing
}

func membersOf(t reflect.Type) map[string]member {
	if m, ok := memberCache.Load(t); ok {
		return m.(map[string]member)
	}
	m := make(map[string]member)
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" {
			continue
		}
		optional := f.Type.Kind() == reflect.Pointer || strings.HasPrefix(options, "omit")
		if name == "" {
			name = f.Name
		}
		m[name] = member{f.Type, !optional && !strings.HasPrefix(f.Tag.Get("validate"), "required")}
	}
	memberCache.Store(t, m)
	return m
}

// packed is a problem that survives being turned into a text and back.
type packed struct {
	Kind   problem.Kind
	Code   string
	Detail string
	Fields []problem.Field
}

const packMark = "\x00problem:"

// pack hides p in an error's text. The generated handlers keep only the text of
// what the decoder says; without this the pointers would be lost.
func pack(p *problem.Error) error {
	b, err := json.Marshal(packed{p.Kind, p.Code, p.Detail, p.Fields})
	if err != nil {
		return p
	}
	return errors.New(packMark + string(b))
}

func unpack(text string) (*problem.Error, bool) {
	b, ok := strings.CutPrefix(text, packMark)
	if !ok {
		return nil, false
	}
	var p packed
	if json.Unmarshal([]byte(b), &p) != nil {
		return nil, false
	}
	return problem.New(p.Kind, p.Code, "%s", p.Detail).With(p.Fields...), true
}
