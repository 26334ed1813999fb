package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"plenary.example/shared/bus"
)

// A dump is everything that a house keeps: every document of every database and
// every message of every stream, by where it lies.
type dump map[string][]string

// has says where a value lies.
func (d dump) has(value string) (where []string) {
	for place, texts := range d {
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, value) }) {
			where = append(where, place)
		}
	}
	slices.Sort(where)
	return where
}

// dump reads the stores and the bus past everything that could hide something.
func (h *house) dump(t *testing.T) dump {
	t.Helper()
	d := dump{}
	h.dumpStores(t, d)
	h.dumpStreams(t, d)
	return d
}

func (h *house) dumpStores(t *testing.T, d dump) {
	t.Helper()
	store := h.mongo(t)
	for _, name := range []string{"plenary_delegates", "plenary_agenda", "plenary_notifications"} {
		collections, err := store.Database(name).ListCollectionNames(t.Context(), bson.D{})
		if err != nil || len(collections) == 0 {
			t.Fatalf("collections of %s: %v, %v", name, collections, err)
		}
		for _, c := range collections {
			read(t, store.Database(name).Collection(c), d)
		}
	}
}

// collection is the dump of one.
func (h *house) collection(t *testing.T, database, name string) dump {
	t.Helper()
	d := dump{}
	read(t, h.mongo(t).Database(database).Collection(name), d)
	return d
}

// mongo is the store as nobody but a test should use it.
func (h *house) mongo(t *testing.T) *mongo.Client {
	t.Helper()
	store, err := mongo.Connect(options.Client().ApplyURI(h.engines.StoreURI()).SetDialer(h.engines.Dialer()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Disconnect(context.Background()) })
	return store
}

func read(t *testing.T, c *mongo.Collection, into dump) {
	t.Helper()
	all, err := c.Find(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	var docs []bson.D
	if err := all.All(t.Context(), &docs); err != nil {
		t.Fatal(err)
	}
	name := c.Database().Name() + "." + c.Name()
	for _, doc := range docs {
		into[name] = append(into[name], text(doc))
	}
}

// text is a document with its bytes as text, should there be any in them.
func text(v any) string {
	switch v := v.(type) {
	case bson.D:
		var b strings.Builder
		for _, e := range v {
			fmt.Fprintf(&b, "%s: %s, ", e.Key, text(e.Value))
		}
		return "{" + b.String() + "}"
	case bson.A:
		var b strings.Builder
		for _, x := range v {
			b.WriteString(text(x) + ", ")
		}
		return "[" + b.String() + "]"
	case bson.Binary:
		return string(v.Data)
	}
	return fmt.Sprint(v)
}

// js is the bus as nobody but a test should use it.
func (h *house) js(t *testing.T) jetstream.JetStream {
	t.Helper()
	b, err := bus.Connect(t.Context(), bus.Config{Options: h.engines.Bus()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b.JS()
}

func (h *house) dumpStreams(t *testing.T, d dump) {
	t.Helper()
	js := h.js(t)
	streams := js.ListStreams(t.Context())
	seen := 0
	for info := range streams.Info() {
		seen++
		name := "stream " + info.Config.Name
		d[name] = []string{}
		st, err := js.Stream(t.Context(), info.Config.Name)
		if err != nil {
			t.Fatal(err)
		}
		for seq := info.State.FirstSeq; seq <= info.State.LastSeq && info.State.Msgs > 0; seq++ {
			m, err := st.GetMsg(t.Context(), seq)
			if err != nil {
				continue // worked off, or replaced
			}
			d[name] = append(d[name], fmt.Sprint(m.Subject, m.Header, string(m.Data)))
		}
	}
	if err := streams.Err(); err != nil || seen < 6 {
		t.Fatalf("%d streams, %v", seen, err)
	}
}

// workedOff says whether every consumer of the stream has nothing left to do.
func workedOff(t *testing.T, js jetstream.JetStream, stream string) bool {
	t.Helper()
	st, err := js.Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	consumers := st.ListConsumers(t.Context())
	done := true
	for c := range consumers.Info() {
		if c.Config.Durable != "" && c.NumPending+uint64(c.NumAckPending) > 0 {
			done = false
		}
	}
	if err := consumers.Err(); err != nil {
		t.Fatal(err)
	}
	return done
}
