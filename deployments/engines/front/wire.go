package front

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Of MongoDB's wire protocol the front knows what drivers of today use: OP_MSG,
// and OP_QUERY for the first hello of a connection. All integers are
// little-endian; a message begins with its length, its id, the id it answers
// and its operation.
const (
	opQuery = 2004
	opMsg   = 2013

	headerSize = 16
	bodyAt     = headerSize + 4 + 1 // after the flags and the kind of the first section
	maxMessage = 48_000_000 + 16<<10
	keepBuffer = 1 << 20 // larger buffers are not kept for the next message

	flagChecksum   = 1 << 0 // four more bytes at the end
	flagMoreToCome = 1 << 1 // the sender reads no answer
)

var errMalformed = errors.New("front: malformed message")

// A message is one wire message with its length.
type message []byte

func (m message) op() uint32    { return binary.LittleEndian.Uint32(m[12:]) }
func (m message) flags() uint32 { return binary.LittleEndian.Uint32(m[headerSize:]) }

// readMessage reads the next message into buf, or into a larger one.
func readMessage(r *bufio.Reader, buf []byte) (message, error) {
	if cap(buf) > keepBuffer {
		buf = nil
	}
	head, err := r.Peek(4)
	if err != nil {
		return nil, err
	}
	n := int(binary.LittleEndian.Uint32(head))
	if n < headerSize || n > maxMessage {
		return nil, fmt.Errorf("%w: %d bytes", errMalformed, n)
	}
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	_, err = io.ReadFull(r, buf[:n])
	return buf[:n], err
}

// newMessage makes an OP_MSG of one document, which answers or repeats the id
// of like.
func newMessage(like message, answer bool, doc bson.Raw) message {
	m := make(message, bodyAt, bodyAt+len(doc))
	binary.LittleEndian.PutUint32(m, uint32(bodyAt+len(doc)))
	if answer {
		copy(m[8:12], like[4:8])
	} else {
		copy(m[4:8], like[4:8])
	}
	binary.LittleEndian.PutUint32(m[12:], opMsg)
	return append(m, doc...)
}

// refusal answers req with a command error.
func refusal(req message, code int32, name, text string) message {
	doc, err := bson.Marshal(bson.D{
		{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: text}, {Key: "code", Value: code}, {Key: "codeName", Value: name},
	})
	if err != nil { // four plain values
		panic(err)
	}
	return newMessage(req, true, doc)
}

// answer returns the document of a reply, nil when it is not an OP_MSG of one
// document.
func (m message) answer() bson.Raw {
	if len(m) < bodyAt+5 || m.op() != opMsg || m[bodyAt-1] != 0 {
		return nil
	}
	doc, _, ok := cutDocument(m[bodyAt:])
	if !ok {
		return nil
	}
	return doc
}

// cutDocument takes the document at the beginning of b.
func cutDocument(b []byte) (doc bson.Raw, rest []byte, ok bool) {
	if len(b) < 5 {
		return nil, nil, false
	}
	n := int(binary.LittleEndian.Uint32(b))
	if n < 5 || n > len(b) {
		return nil, nil, false
	}
	return bson.Raw(b[:n]), b[n:], true
}

// document builds a document of elements that are already encoded.
func document(elements ...[]byte) bson.Raw {
	doc := append([]byte{0, 0, 0, 0}, bytes.Join(elements, nil)...)
	doc = append(doc, 0)
	binary.LittleEndian.PutUint32(doc, uint32(len(doc)))
	return doc
}

// element encodes a key and a value.
func element(kind bson.Type, key string, value []byte) []byte {
	e := append([]byte{byte(kind)}, key...)
	return append(append(e, 0), value...)
}

// replace returns doc with another value for key, in its old place or at the end.
func replace(doc bson.Raw, key string, kind bson.Type, value []byte) (bson.Raw, error) {
	all, err := doc.Elements()
	if err != nil {
		return nil, err
	}
	parts, found := make([][]byte, len(all), len(all)+1), false
	for i, e := range all {
		if parts[i] = e; e.Key() == key {
			parts[i], found = element(kind, key, value), true
		}
	}
	if !found {
		parts = append(parts, element(kind, key, value))
	}
	return document(parts...), nil
}
