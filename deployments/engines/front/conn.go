package front

import (
	"bufio"
	"bytes"
	"fmt"
	"net"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A session is one client's connection and the one behind it.
type session struct {
	f      *Front
	client *bufio.Reader
	server *bufio.Reader
	back   net.Conn
	buf    []byte // of the last reply

	cursors map[int64]*database // opened here and not known to be closed
}

// serve forwards the commands of c, one after the other, until either side
// closes its connection.
func (f *Front) serve(c net.Conn) {
	back, err := f.cfg.Dial(f.ctx)
	if err != nil {
		return // the client sees its connection closed and tries again
	}
	release, ok := f.hold(back)
	if !ok {
		_ = back.Close()
		return
	}
	s := &session{
		f: f, client: bufio.NewReaderSize(c, 16<<10), server: bufio.NewReaderSize(back, 16<<10), back: back,
		cursors: map[int64]*database{},
	}
	defer s.dropCursors() // FerretDB closes them when back is closed
	defer release()
	var req message
	for {
		if req, err = readMessage(s.client, req); err != nil {
			return
		}
		reply, err := s.command(req)
		if err != nil {
			return
		}
		if reply == nil {
			continue
		}
		if _, err = c.Write(reply); err != nil {
			return
		}
	}
}

// command returns what the client is to read, nil when it reads nothing.
func (s *session) command(req message) (message, error) {
	if op := req.op(); op == opQuery {
		return s.forward(req)
	} else if op != opMsg {
		return nil, fmt.Errorf("%w: operation %d", errMalformed, op)
	}
	c, err := parse(req)
	if err != nil {
		return nil, err
	}
	var reply message
	switch c.class {
	case write:
		reply, err = s.write(c, req)
	case read:
		reply, err = s.read(c, req)
	case free:
		reply, err = s.free(c, req)
	}
	if err != nil || c.silent { // FerretDB answers silent commands too
		return nil, err
	}
	return reply, nil
}

// forward sends req to FerretDB and awaits its reply. The reply is awaited even
// if the client has gone, because only then is a write over.
func (s *session) forward(req message) (message, error) {
	if _, err := s.back.Write(req); err != nil {
		return nil, err
	}
	reply, err := readMessage(s.server, s.buf)
	s.buf = reply
	return reply, err
}

// write forwards a write while no other is on its way to the same database.
func (s *session) write(c command, req message) (message, error) {
	if c.name == "update" && len(c.statements) > MaxStatements {
		return refusal(req, 72, "InvalidOptions", fmt.Sprintf(
			"update has %d statements; the embedded store takes at most %d in one command", len(c.statements), MaxStatements)), nil
	}
	db := s.f.database(c.db)
	db.writing.Lock()
	defer db.writing.Unlock()
	if c.name == "update" {
		places := int64(len(c.statements) - spare)
		if !db.enter(s.f.ctx, places, s.f.cfg.Patience) {
			return busy(req), nil
		}
		defer db.leave(places)
	}
	if err := s.narrow(&c, &req); err != nil {
		return nil, err
	}
	reply, err := s.forward(req)
	if err == nil {
		s.written(db, c)
	}
	return reply, err
}

// written runs under the database's lock after every write.
func (s *session) written(db *database, c command) {
	switch c.name {
	case "drop", "dropDatabase", "renameCollection":
		clear(db.known)
	default:
		if c.collection != "" && !db.known[c.collection] {
			db.known[c.collection] = true
			if s.f.cfg.NewCollection != nil {
				s.f.cfg.NewCollection(c.db)
			}
		}
	}
}

// read forwards a read when it is its turn. A cursor that it leaves open keeps
// the read's place.
func (s *session) read(c command, req message) (message, error) {
	db := s.f.database(c.db)
	if !db.enter(s.f.ctx, 1, s.f.cfg.Patience) {
		return busy(req), nil
	}
	reply, err := s.forward(smallBatch(c, req))
	if err == nil {
		if id, ok := reply.answer().Lookup("cursor", "id").Int64OK(); ok && id != 0 {
			db.keep(id)
			s.cursors[id] = db
			return reply, nil
		}
	}
	db.leave(1)
	return reply, err
}

// free forwards what needs no place, and notes which cursors it ends. Drivers
// continue a cursor over any of their connections.
func (s *session) free(c command, req message) (message, error) {
	var ended []int64
	switch c.name {
	case "getMore":
		if id, ok := c.body.Lookup("getMore").Int64OK(); ok {
			ended = append(ended, id)
		}
	case "killCursors":
		list, _ := c.body.Lookup("cursors").ArrayOK()
		values, _ := list.Values() // parse has validated the body
		for _, v := range values {
			if id, ok := v.Int64OK(); ok {
				ended = append(ended, id)
			}
		}
	}
	reply, err := s.forward(smallBatch(c, req))
	if err != nil {
		return nil, err
	}
	if c.name == "getMore" {
		if id, ok := reply.answer().Lookup("cursor", "id").Int64OK(); ok && id != 0 {
			return reply, nil
		}
	}
	for _, id := range ended {
		s.f.database(c.db).drop(id)
		delete(s.cursors, id)
	}
	return reply, nil
}

// smallBatch returns req with a batch that fits into one answer. What asks for
// a single batch gets all it asks for.
func smallBatch(c command, req message) message {
	if c.name != "find" && c.name != "getMore" || !c.plain || c.sequence != "" {
		return req
	}
	if single, _ := c.body.Lookup("singleBatch").BooleanOK(); single {
		return req
	}
	size, given := c.body.Lookup("batchSize").AsInt64OK()
	if given && size <= MaxBatch && (size > 0 || c.name == "find") { // an empty first batch is a wish
		return req
	}
	body, err := replace(c.body, "batchSize", bson.TypeInt32, []byte{MaxBatch, 0, 0, 0})
	if err != nil {
		return req
	}
	return newMessage(req, false, body)
}

func (s *session) dropCursors() {
	for id, db := range s.cursors {
		db.drop(id)
	}
}

// fetch reads the document with this id over the connection that is about to
// write. The second value is false when the reply says neither yes nor no.
func (s *session) fetch(c command, req message, id bson.RawValue) (doc bson.Raw, sure bool, err error) {
	find, err := bson.Marshal(bson.D{
		{Key: "find", Value: c.collection},
		{Key: "filter", Value: bson.D{{Key: "_id", Value: id}}},
		{Key: "limit", Value: int64(1)},
		{Key: "singleBatch", Value: true},
		{Key: "$db", Value: c.db},
	})
	if err != nil {
		return nil, false, err
	}
	reply, err := s.forward(newMessage(req, false, find))
	if err != nil {
		return nil, false, err
	}
	batch, ok := reply.answer().Lookup("cursor", "firstBatch").ArrayOK()
	if !ok {
		return nil, false, nil
	}
	found, err := batch.Values()
	if err != nil || len(found) == 0 {
		return nil, err == nil, nil
	}
	doc, ok = found[0].DocumentOK()
	return bytes.Clone(doc), ok, nil
}

func busy(req message) message {
	return refusal(req, 262, "ExceededTimeLimit", fmt.Sprintf(
		"the embedded store has %d reads and open cursors; none ended in time", MaxReads))
}
