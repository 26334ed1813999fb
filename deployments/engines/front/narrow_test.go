package front

import (
	"bytes"
	"encoding/binary"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

var stored = bson.D{{Key: "_id", Value: "m"}, {Key: "revision", Value: int64(7)}}

// guarded writes with one statement each, whose filter is the given one.
func guardedWrites(filter bson.D) map[string]bson.D {
	set := bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: "moved"}}}}
	return map[string]bson.D{
		"q update":            {{Key: "update", Value: "c"}, {Key: "updates", Value: bson.A{bson.D{{Key: "q", Value: filter}, {Key: "u", Value: set}}}}, {Key: "$db", Value: "a"}},
		"q delete":            {{Key: "delete", Value: "c"}, {Key: "deletes", Value: bson.A{bson.D{{Key: "q", Value: filter}, {Key: "limit", Value: 1}}}}, {Key: "$db", Value: "a"}},
		"query findAndModify": {{Key: "findAndModify", Value: "c"}, {Key: "query", Value: filter}, {Key: "update", Value: set}, {Key: "$db", Value: "a"}},
	}
}

// filterOf is the filter of a guarded write as it reaches the server.
func filterOf(c command) bson.Raw {
	key, statement, _ := c.guarded()
	doc, _ := statement.Lookup(key).DocumentOK()
	return doc
}

func TestGuardsAreTestedByTheFront(t *testing.T) {
	t.Parallel()
	id := bson.D{{Key: "_id", Value: "m"}}
	with := func(key string, value any) bson.D { return append(bson.D{{Key: key, Value: value}}, id...) }
	cases := map[string]struct {
		filter bson.D
		asks   bool // the document is looked up
		want   any  // the filter that reaches the server; a string is its reason
	}{
		"a guard that is met":                   {with("revision", int64(7)), true, id},
		"a guard that is not":                   {with("revision", int64(8)), true, "nobody"},
		"a filter of the _id alone":             {id, false, "same"},
		"a filter without _id":                  {bson.D{{Key: "revision", Value: int64(7)}, {Key: "x", Value: 1}}, false, "same"},
		"an _id that is a condition":            {bson.D{{Key: "_id", Value: bson.M{"$gt": "a"}}, {Key: "revision", Value: int64(7)}}, false, "same"},
		"a guard that the front does not judge": {with("revision", 7.0), true, "same"},
		"a guard with an operator at the top":   {with("$or", bson.A{bson.M{"revision": int64(7)}}), true, "same"},
	}
	for name, tc := range cases {
		for write, doc := range guardedWrites(tc.filter) {
			t.Run(name+" of "+write, func(t *testing.T) {
				t.Parallel()
				f, b := newFake(t, Config{})
				answer := newClient(t, f).later(doc)
				a := b.next()
				if (a.name == "find") != tc.asks {
					t.Fatalf("%s came first", a.name)
				}
				if tc.asks {
					if got := a.body.Lookup("filter").Document(); !bytes.Equal(got, encode(t, id)) {
						t.Errorf("looked up %v", got)
					}
					a.answer(bson.D{{Key: "cursor", Value: bson.D{{Key: "firstBatch", Value: bson.A{stored}}}}})
					a = b.next()
				}
				want := encode(t, tc.filter)
				switch v := tc.want.(type) {
				case bson.D:
					want = encode(t, v)
				case string:
					if v == "nobody" {
						want = nobody
					}
				}
				if got := filterOf(a.command); !bytes.Equal(got, want) {
					t.Errorf("filter = %v, want %v", got, want)
				}
				a.answer(fine)
				<-answer
			})
		}
	}
}

// The contract suite tests what each condition means; here is how they add up.
func TestAllConditionsHaveToBeMet(t *testing.T) {
	t.Parallel()
	doc := encode(t, bson.D{{Key: "a", Value: int64(1)}, {Key: "b", Value: int64(2)}})
	yes, no, unsure := bson.E{Key: "a", Value: int64(1)}, bson.E{Key: "b", Value: int64(3)}, bson.E{Key: "b", Value: 2.5}
	for name, tc := range map[string]struct {
		filter    bson.D
		met, sure bool
	}{
		"yes and yes":           {bson.D{yes, yes}, true, true},
		"yes and no":            {bson.D{yes, no}, false, true},
		"no and yes":            {bson.D{no, yes}, false, true},
		"no and unsure":         {bson.D{no, unsure}, false, false},
		"unsure and yes":        {bson.D{unsure, yes}, false, false},
		"a range that ends":     {bson.D{{Key: "a", Value: bson.D{{Key: "$gt", Value: 0}, {Key: "$lt", Value: 1}}}}, false, true},
		"a range that begins":   {bson.D{{Key: "a", Value: bson.D{{Key: "$gt", Value: 1}, {Key: "$lt", Value: 2}}}}, false, true},
		"a range that holds it": {bson.D{{Key: "a", Value: bson.D{{Key: "$gt", Value: 0}, {Key: "$lt", Value: 2}}}}, true, true},
	} {
		conditions, err := encode(t, tc.filter).Elements()
		if err != nil {
			t.Fatal(err)
		}
		if met, sure := meets(doc, conditions); met != tc.met || sure != tc.sure {
			t.Errorf("%s: %v, %v; want %v, %v", name, met, sure, tc.met, tc.sure)
		}
	}
}

func TestAGuardOfSeveralStatementsIsLeftAlone(t *testing.T) {
	t.Parallel()
	f, b := newFake(t, Config{})
	newClient(t, f).later(updates(2))
	if a := b.next(); a.name != "update" || len(a.statements) != 2 {
		t.Errorf("%s with %d statements came", a.name, len(a.statements))
	}
}

func TestAnUpsertMakesItsDocumentOfTheWholeFilter(t *testing.T) {
	t.Parallel()
	filter := bson.D{{Key: "_id", Value: "m"}, {Key: "revision", Value: int64(8)}}
	f, b := newFake(t, Config{})
	newClient(t, f).later(bson.D{{Key: "update", Value: "c"}, {Key: "updates", Value: bson.A{bson.D{
		{Key: "q", Value: filter}, {Key: "u", Value: bson.D{{Key: "$set", Value: bson.M{"n": 1}}}}, {Key: "upsert", Value: true},
	}}}, {Key: "$db", Value: "a"}})
	b.next().answer(bson.D{{Key: "cursor", Value: bson.D{{Key: "firstBatch", Value: bson.A{}}}}})
	if got := filterOf(b.next().command); !bytes.Equal(got, encode(t, filter)) {
		t.Errorf("filter = %v, want all of it", got)
	}
}

// What the front cannot read may be a write, and ends the connection.
func TestMalformedMessagesEndTheConnection(t *testing.T) {
	t.Parallel()
	good := newMessage(make(message, headerSize), false, encode(t, insert("a")))
	change := func(at int, b ...byte) message {
		m := bytes.Clone(good)
		copy(m[at:], b)
		return m
	}
	short := change(0, byte(len(good)-1), 0, 0, 0)
	for name, m := range map[string]message{
		"a length beyond all":    change(0, 255, 255, 255, 127),
		"a length below a head":  change(0, 15, 0, 0, 0),
		"a cut document":         short[:len(short)-1],
		"an operation of 1999":   change(12, 0xd1, 0x07),
		"a compressed operation": change(12, 0xdc, 0x07),
		"an unknown section":     change(headerSize+4, 9),
		"a body of nothing":      newMessage(good, false, document()),
		"an empty message":       binary.LittleEndian.AppendUint32(nil, headerSize),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, b := newFake(t, Config{})
			c := newClient(t, f)
			if len(m) < headerSize {
				m = append(m, make([]byte, headerSize-len(m))...)
			}
			_, _ = c.Write(m) // the front may have hung up already
			if got := c.answer(); got != nil {
				t.Errorf("answer = %v", got)
			}
			if len(b.asks) != 0 {
				t.Error("it was passed on")
			}
		})
	}
}

// Foreign bytes never bring the front down, and what it narrows stays a message.
func FuzzParse(f *testing.F) {
	for _, doc := range guardedWrites(bson.D{{Key: "_id", Value: "m"}, {Key: "a.b", Value: bson.M{"$in": bson.A{int64(1), "x", nil}}}}) {
		raw, err := bson.Marshal(doc)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(newMessage(make(message, headerSize), false, raw)))
	}
	seq := append([]byte{1, 0, 0, 0, 0}, "updates\x00"...)
	seq = append(seq, document(element(bson.TypeEmbeddedDocument, "q", nobody))...)
	binary.LittleEndian.PutUint32(seq[1:], uint32(len(seq)-1))
	update := document(element(bson.TypeString, "update", []byte("\x02\x00\x00\x00c\x00")))
	f.Add([]byte(append(newMessage(make(message, headerSize), false, update), seq...)))
	held := document(element(bson.TypeString, "_id", []byte("\x02\x00\x00\x00m\x00")), element(bson.TypeArray, "a", document()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < headerSize {
			return
		}
		c, err := parse(b)
		if err != nil {
			return
		}
		if _, err := parse(smallBatch(c, b)); err != nil {
			t.Errorf("a small batch of it is malformed: %v", err)
		}
		key, statement, ok := c.guarded()
		if !ok {
			return
		}
		filter, ok := statement.Lookup(key).DocumentOK()
		if !ok || filter.Validate() != nil {
			return
		}
		conditions, err := filter.Elements()
		if err != nil {
			return
		}
		meets(held, conditions)
		narrowed, err := c.with(statement, key, nobody)
		if err != nil {
			return
		}
		again, err := parse(newMessage(b, false, narrowed))
		if err != nil || again.name != c.name || !bytes.Equal(filterOf(again), nobody) {
			t.Errorf("narrowed to %v: %v", narrowed, err)
		}
	})
}
