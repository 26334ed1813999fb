package schedulefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// object reads an object and calls member for each of its members, which has
// to read the value. Members that occur twice are called twice.
func (j *jsonReader) object(member func(key string) error) error {
	if err := j.open('{', "an object"); err != nil {
		return err
	}
	for j.dec.More() {
		t, err := j.token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return j.fail(Malformed, j.pointer(), "a member name is needed here")
		}
		if err := j.within(key, func() error { return member(key) }); err != nil {
			return err
		}
	}
	_, err := j.token()
	return err
}

// array reads an array and calls element for each of its elements.
func (j *jsonReader) array(element func(i int) error) error {
	if err := j.open('[', "a list"); err != nil {
		return err
	}
	for i := 0; j.dec.More(); i++ {
		if err := j.within(strconv.Itoa(i), func() error { return element(i) }); err != nil {
			return err
		}
	}
	_, err := j.token()
	return err
}

func (j *jsonReader) open(delim json.Delim, what string) error {
	if len(j.path) >= MaxDepth {
		return j.fail(TooDeep, j.pointer(), fmt.Sprintf("values are nested more than %d deep", MaxDepth))
	}
	t, err := j.token()
	if err != nil {
		return err
	}
	if t != delim {
		code := BadType
		if len(j.path) < 2 {
			code = NotASchedule
		}
		return j.fail(code, j.pointer(), what+" is needed here")
	}
	return nil
}

func (j *jsonReader) within(segment string, read func() error) error {
	j.path = append(j.path, segment)
	err := read()
	j.path = j.path[:len(j.path)-1]
	return err
}

// skip passes over a value of any kind, bounding its depth.
func (j *jsonReader) skip() error {
	for depth := 0; ; {
		t, err := j.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; len(j.path)+depth > MaxDepth {
				return j.fail(TooDeep, j.pointer(), fmt.Sprintf("values are nested more than %d deep", MaxDepth))
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// field reads a text; null is the empty one, and a number or a truth value is
// the text it is written as. Any other value is passed over with a warning.
func (j *jsonReader) field() (field, error) {
	if c := j.peek(); c == '{' || c == '[' {
		return field{}, j.unreadable()
	}
	t, err := j.token()
	if err != nil {
		return field{}, err
	}
	f := field{name: j.path[len(j.path)-1], line: j.lineNow()}
	switch v := t.(type) {
	case string:
		f.text = v
	case json.Number:
		f.text = v.String()
	case bool:
		f.text = strconv.FormatBool(v)
	}
	return f, nil
}

// optional reads a text outside an item, trimmed.
func (j *jsonReader) optional() (string, error) {
	f, err := j.field()
	if err != nil {
		return "", err
	}
	return j.out.clean(f.text, MaxName, j.pointer(), f.line)
}

// lenient reads a value that begins as expected; another one, but null, is
// passed over with a warning.
func (j *jsonReader) lenient(begin byte, read func() error) error {
	switch j.peek() {
	case begin:
		return read()
	case 'n':
		return j.skip()
	}
	return j.unreadable()
}

func (j *jsonReader) unreadable() error {
	j.out.warn(UnreadableField, j.pointer(), j.lineNow(), "the value is of a kind that cannot be read here and is left out")
	return j.skip()
}

// peek is the first byte of the next value; 0 at the end of the file.
func (j *jsonReader) peek() byte {
	for _, c := range j.data[j.dec.InputOffset():] {
		if !strings.ContainsRune(" \t\r\n:,", rune(c)) {
			return c
		}
	}
	return 0
}

func (j *jsonReader) token() (json.Token, error) {
	t, err := j.dec.Token()
	switch {
	case err == nil:
		return t, nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		j.counted, j.line = len(j.data), 1+bytes.Count(j.data, []byte("\n"))
		return nil, j.fail(Truncated, j.pointer(), "the file ends in the middle")
	default:
		return nil, j.fail(Malformed, j.pointer(), "not well-formed JSON: "+err.Error())
	}
}

func (j *jsonReader) fail(code Code, place, detail string) error {
	return &Error{Code: code, Place: place, Line: j.lineNow(), Detail: detail}
}

// pointer is the JSON pointer of the value being read.
func (j *jsonReader) pointer() string {
	var b strings.Builder
	for _, segment := range j.path {
		b.WriteByte('/')
		if len(segment) > MaxName*utf8.UTFMax {
			segment = short(segment) // an absurd name need not be told in full
		}
		b.WriteString(escape(segment))
	}
	return b.String()
}

// lineNow is the line of what was read last. It counts each line break once.
func (j *jsonReader) lineNow() int {
	if at := min(int(j.dec.InputOffset()), len(j.data)); at > j.counted {
		j.line += bytes.Count(j.data[j.counted:at], []byte("\n"))
		j.counted = at
	}
	return j.line
}

// escape writes a member name as RFC 6901 wants it in a pointer.
func escape(segment string) string {
	if !strings.ContainsAny(segment, "~/") {
		return segment
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(segment)
}
