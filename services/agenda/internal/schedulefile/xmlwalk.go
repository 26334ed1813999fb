package schedulefile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// An xmlReader walks the file once, token by token, and always knows the place
// of the element it is in.
type xmlReader struct {
	dec *xml.Decoder
	src *tokenSource
	// path holds the open elements.
	path []xmlStep
	out  *collector
}

// An xmlStep is one step of an XPath. nth counts, by name, the children that
// come in numbers.
type xmlStep struct {
	name string
	nth  map[string]int
}

func newXMLReader(data []byte) *xmlReader {
	src := &tokenSource{data: bytes.NewReader(data)}
	x := &xmlReader{dec: xml.NewDecoder(src), src: src, out: newCollector(XML, "@guid")}
	x.dec.CharsetReader = func(name string, r io.Reader) (io.Reader, error) {
		if strings.EqualFold(name, "us-ascii") {
			return r, nil // what has been found to be UTF-8 and claims to be ASCII is both
		}
		return nil, errCharset
	}
	return x
}

// children calls child for each element inside the open one, until its end.
// child has to read its element to the end.
func (x *xmlReader) children(child func(el xml.StartElement) error) error {
	for {
		el, ok, err := x.next()
		if err != nil || !ok {
			return err
		}
		if err := x.within(el.Name.Local, func() error { return child(el) }); err != nil {
			return err
		}
	}
}

func (x *xmlReader) within(name string, read func() error) error {
	if len(x.path) >= MaxDepth {
		return x.tooDeep()
	}
	step := name
	switch name {
	case "day", "room", "event", "person":
		if n := len(x.path); n > 0 {
			nth := &x.path[n-1].nth
			if *nth == nil {
				*nth = map[string]int{}
			}
			(*nth)[name]++
			step = name + "[" + strconv.Itoa((*nth)[name]) + "]"
		}
	}
	x.path = append(x.path, xmlStep{name: step})
	err := read()
	x.path = x.path[:len(x.path)-1]
	return err
}

// next is the next element that starts inside the open one, or ok = false at
// its end. Text between elements means nothing in a schedule.
func (x *xmlReader) next() (el xml.StartElement, ok bool, err error) {
	for {
		t, err := x.token()
		if err != nil {
			return el, false, err
		}
		switch t := t.(type) {
		case nil:
			return el, false, nil // the end of the file, outside the root
		case xml.StartElement:
			return t, true, nil
		case xml.EndElement:
			return el, false, nil
		}
	}
}

// text is all text inside the open element, up to its end. Elements inside it
// contribute their own text, as markup in a description does.
func (x *xmlReader) text() (s string, nested bool, err error) {
	var b strings.Builder
	for depth := 0; ; {
		t, err := x.token()
		if err != nil {
			return "", false, err
		}
		switch t := t.(type) {
		case xml.CharData:
			if b.Len()+len(t) > MaxText*4 {
				return "", false, x.fail(FieldTooLong, x.place(), "the text has more than "+strconv.Itoa(MaxText)+" characters")
			}
			b.Write(t)
		case xml.StartElement:
			nested = true
			if depth++; len(x.path)+depth > MaxDepth {
				return "", false, x.tooDeep()
			}
		case xml.EndElement:
			if depth--; depth < 0 {
				return b.String(), nested, nil
			}
		}
	}
}

// field reads the text of the open element.
func (x *xmlReader) field(into *field) error {
	line := x.line()
	s, nested, err := x.text()
	if err != nil {
		return err
	}
	name := x.path[len(x.path)-1].name
	if nested {
		x.out.warn(UnreadableField, x.place(), line, "elements inside the text are left out; their text is kept")
	}
	*into = field{s, name, line}
	return nil
}

// optional reads a text outside an item.
func (x *xmlReader) optional(into *string) error {
	var f field
	if err := x.field(&f); err != nil {
		return err
	}
	s, err := x.out.clean(f.text, MaxName, x.place(), f.line)
	*into = s
	return err
}

// skip passes over el, which has been opened. An event in a place where none
// is looked for would be lost, so it refuses the file.
func (x *xmlReader) skip(el xml.StartElement) error {
	if el.Name.Local == "event" {
		return x.stray()
	}
	for depth := 0; ; {
		t, err := x.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "event" {
				return x.stray()
			}
			if depth++; len(x.path)+depth > MaxDepth {
				return x.tooDeep()
			}
		case xml.EndElement:
			if depth--; depth < 0 {
				return nil
			}
		}
	}
}

func (x *xmlReader) stray() error {
	return x.fail(MissingField, x.place(), "an event stands in no room of a day")
}

// token is the next token; nil at the end of the file, which is an error
// inside an element.
func (x *xmlReader) token() (xml.Token, error) {
	x.src.left = maxToken
	t, err := x.dec.Token()
	if err == nil {
		if d, ok := t.(xml.Directive); ok {
			return nil, x.directive(string(d[:min(len(d), 64)]))
		}
		return t, nil
	}
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case errors.Is(err, errTokenSize):
		return nil, x.fail(FieldTooLong, x.place(), fmt.Sprintf("a text, a tag or a comment is longer than %d KB", maxToken>>10))
	case errors.Is(err, errCharset):
		return nil, x.fail(NotUTF8, "", "the file declares another encoding than UTF-8")
	case errors.As(err, &syntax) && syntax.Msg == "unexpected EOF":
		return nil, x.fail(Truncated, x.place(), "the file ends in the middle")
	default:
		return nil, x.fail(Malformed, x.place(), "not well-formed XML: "+short(strings.TrimPrefix(err.Error(), "XML syntax error on ")))
	}
}

func (x *xmlReader) directive(d string) error {
	if f := strings.Fields(d); len(f) > 1 && strings.EqualFold(f[0], "doctype") && strings.EqualFold(f[1], "html") {
		return x.fail(NotASchedule, "", "the file is an HTML page")
	}
	return x.fail(DTDRefused, x.place(), "the file declares a document type; a schedule needs none")
}

func (x *xmlReader) fail(code Code, place, detail string) error {
	return &Error{Code: code, Place: place, Line: x.line(), Detail: detail}
}

func (x *xmlReader) tooDeep() error {
	return x.fail(TooDeep, x.place(), fmt.Sprintf("elements are nested more than %d deep", MaxDepth))
}

// place is the XPath of the open element.
func (x *xmlReader) place() string {
	var b strings.Builder
	for _, step := range x.path {
		b.WriteByte('/')
		b.WriteString(short(step.name))
	}
	return b.String()
}

func (x *xmlReader) line() int {
	line, _ := x.dec.InputPos()
	return line
}

// maxToken is how many bytes one text, tag or comment may have.
const maxToken = 1 << 20

var (
	errTokenSize = errors.New("token too large")
	errCharset   = errors.New("unsupported encoding")
)

// A tokenSource feeds the decoder and stops it when one token takes too much:
// the decoder itself would hold a tag of any size in memory.
type tokenSource struct {
	data *bytes.Reader
	left int
}

// ReadByte implements io.ByteReader, which the decoder prefers.
func (s *tokenSource) ReadByte() (byte, error) {
	if s.left--; s.left < 0 {
		return 0, errTokenSize
	}
	return s.data.ReadByte()
}

// Read implements io.Reader; the decoder wants it and does not call it.
func (s *tokenSource) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}
