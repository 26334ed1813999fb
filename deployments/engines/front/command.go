package front

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A class says which gate a command passes.
type class uint8

const (
	free  class = iota + 1 // neither writes nor holds a connection to the database
	read                   // holds one, and may leave a cursor that goes on holding it
	write                  // changes something
)

// classes of the commands that FerretDB v1.24 knows and that are not free.
// Its names are case-sensitive.
var classes = map[string]class{
	"insert": write, "update": write, "delete": write, "findAndModify": write, "findandmodify": write,
	"create": write, "drop": write, "dropDatabase": write, "renameCollection": write, "collMod": write,
	"createIndexes": write, "dropIndexes": write, "deleteIndexes": write, "compact": write,
	"createUser": write, "updateUser": write, "dropUser": write, "dropAllUsersFromDatabase": write,

	"find": read, "aggregate": read, "count": read, "distinct": read, "explain": read,
	"listCollections": read, "listIndexes": read, "listDatabases": read, "validate": read,
	"dbStats": read, "dbstats": read, "collStats": read, "dataSize": read,
}

// A command is what a message asks for.
type command struct {
	name, db, collection string
	class                class
	silent               bool // the client reads no answer
	plain                bool // without checksum, so that parts may be exchanged

	body       bson.Raw
	sequence   string // name of the documents that follow the body, usually none
	statements []bson.Raw
}

// parse understands an OP_MSG. What it does not understand must not pass: it
// might be a write.
func parse(m message) (command, error) {
	if len(m) < bodyAt+5 {
		return command{}, fmt.Errorf("%w: short", errMalformed)
	}
	c := command{silent: m.flags()&flagMoreToCome != 0, plain: m.flags()&flagChecksum == 0}
	rest := m[headerSize+4:]
	if !c.plain {
		rest = rest[:len(rest)-4]
	}
	for len(rest) > 0 {
		kind, err := rest[0], error(nil)
		switch kind {
		case 0:
			rest, err = c.readBody(rest[1:])
		case 1:
			rest, err = c.readSequence(rest[1:])
		default:
			err = fmt.Errorf("%w: section of kind %d", errMalformed, kind)
		}
		if err != nil {
			return command{}, err
		}
	}
	if c.body == nil {
		return command{}, fmt.Errorf("%w: no body", errMalformed)
	}
	return c, c.describe()
}

func (c *command) readBody(b []byte) ([]byte, error) {
	doc, rest, ok := cutDocument(b)
	if !ok || c.body != nil || doc.Validate() != nil {
		return nil, fmt.Errorf("%w: body", errMalformed)
	}
	c.body = doc
	return rest, nil
}

func (c *command) readSequence(b []byte) ([]byte, error) {
	if len(b) < 4 || c.sequence != "" {
		return nil, fmt.Errorf("%w: document sequence", errMalformed)
	}
	size := int(binary.LittleEndian.Uint32(b))
	if size < 5 || size > len(b) {
		return nil, fmt.Errorf("%w: document sequence of %d bytes", errMalformed, size)
	}
	name, docs, ok := bytes.Cut(b[4:size], []byte{0})
	if !ok || len(name) == 0 {
		return nil, fmt.Errorf("%w: document sequence without a name", errMalformed)
	}
	c.sequence = string(name)
	for len(docs) > 0 {
		doc, rest, ok := cutDocument(docs)
		if !ok {
			return nil, fmt.Errorf("%w: document in a sequence", errMalformed)
		}
		c.statements, docs = append(c.statements, doc), rest
	}
	return b[size:], nil
}

// describe names the command: its first element is its name and, for most, the
// collection.
func (c *command) describe() error {
	first, err := c.body.IndexErr(0)
	if err != nil {
		return fmt.Errorf("%w: empty body", errMalformed)
	}
	c.name = first.Key()
	c.collection, _ = first.Value().StringValueOK()
	c.db, _ = c.body.Lookup("$db").StringValueOK()
	if c.class = classes[c.name]; c.class == 0 {
		c.class = free
	}
	key, ok := map[string]string{"update": "updates", "delete": "deletes"}[c.name]
	if !ok || c.sequence == key {
		return nil
	}
	list, _ := c.body.Lookup(key).ArrayOK()
	values, err := list.Values()
	if err != nil {
		return fmt.Errorf("%w: %s", errMalformed, key)
	}
	for _, v := range values {
		doc, ok := v.DocumentOK()
		if !ok {
			return fmt.Errorf("%w: %s", errMalformed, key)
		}
		c.statements = append(c.statements, doc)
	}
	return nil
}
