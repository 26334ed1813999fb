package front

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func insert(db string) bson.D {
	return bson.D{{Key: "insert", Value: "c"}, {Key: "documents", Value: bson.A{bson.M{"_id": "x"}}}, {Key: "$db", Value: db}}
}

func find(db string) bson.D {
	return bson.D{{Key: "find", Value: "c"}, {Key: "filter", Value: bson.D{}}, {Key: "$db", Value: db}}
}

func cursor(id int64) bson.D {
	return bson.D{
		{Key: "cursor", Value: bson.D{{Key: "firstBatch", Value: bson.A{}}, {Key: "id", Value: id}}}, {Key: "ok", Value: 1.0},
	}
}

func updates(n int) bson.D {
	var list bson.A
	for i := range n {
		list = append(list, bson.D{
			{Key: "q", Value: bson.D{{Key: "_id", Value: fmt.Sprint(i)}}}, {Key: "u", Value: bson.D{{Key: "$set", Value: bson.M{"n": 1}}}},
		})
	}
	return bson.D{{Key: "update", Value: "c"}, {Key: "updates", Value: list}, {Key: "$db", Value: "a"}}
}

func TestWritesToOneDatabaseTakeTurns(t *testing.T) {
	t.Parallel()
	f, b := newFake(t, Config{})
	first, second := newClient(t, f).later(insert("a")), newClient(t, f).later(insert("a"))
	one := b.next()
	b.none(f)
	one.answer(fine)
	b.next().answer(fine)
	for _, answer := range []<-chan bson.Raw{first, second} {
		if got := <-answer; got == nil {
			t.Error("a writer has no answer")
		}
	}
}

func TestAWriteIsOverOnlyWhenItIsAnswered(t *testing.T) {
	t.Parallel()
	f, b := newFake(t, Config{})
	leaving := newClient(t, f)
	leaving.send(insert("a"))
	one := b.next()
	_ = leaving.Close()
	staying := newClient(t, f).later(insert("a"))
	b.none(f)
	one.answer(fine)
	b.next().answer(fine)
	if <-staying == nil {
		t.Error("the second writer has no answer")
	}
}

func TestNobodyElseWaitsForAWriter(t *testing.T) {
	t.Parallel()
	f, b := newFake(t, Config{})
	writer := newClient(t, f).later(insert("a"))
	one := b.next()
	for name, doc := range map[string]bson.D{
		"a read of the same database": find("a"), "a write to another": insert("b"), "a ping": {{Key: "ping", Value: 1}, {Key: "$db", Value: "a"}},
	} {
		other := newClient(t, f).later(doc)
		b.next().answer(cursor(0))
		if <-other == nil {
			t.Errorf("%s has no answer", name)
		}
	}
	one.answer(fine)
	<-writer
}

func TestReadsGoSideBySideUpToTheirNumber(t *testing.T) {
	t.Parallel()
	f, b := newFake(t, Config{})
	var open []*ask
	for range MaxReads {
		newClient(t, f).later(find("a"))
		open = append(open, b.next())
	}
	newClient(t, f).later(find("a"))
	b.none(f)
	newClient(t, f).later(find("b"))
	if other := b.next(); other.db != "b" {
		t.Fatalf("a read of %s came before its turn", other.db)
	}
	open[7].answer(cursor(0))
	if next := b.next(); next.db != "a" {
		t.Errorf("a read of %s came", next.db)
	}
}

func TestAReadThatHasWaitedLongEnoughIsRefused(t *testing.T) {
	t.Parallel()
	f, b := newFake(t, Config{Patience: time.Millisecond})
	for range MaxReads {
		newClient(t, f).later(find("a"))
		b.next()
	}
	late := newClient(t, f)
	if got := late.ask(find("a")); got.Lookup("code").Int32() != 262 || !strings.Contains(got.Lookup("errmsg").StringValue(), "open cursors") {
		t.Errorf("answer = %v, want a refusal with its reason", got)
	}
	go late.ask(find("b")) // the connection lives on
	if next := b.next(); next.db != "b" {
		t.Errorf("a read of %s came", next.db)
	}
}

func TestAnOpenCursorKeepsItsPlace(t *testing.T) {
	t.Parallel()
	getMore := bson.D{{Key: "getMore", Value: int64(1)}, {Key: "collection", Value: "c"}, {Key: "$db", Value: "a"}}
	kill := bson.D{{Key: "killCursors", Value: "c"}, {Key: "cursors", Value: bson.A{int64(1)}}, {Key: "$db", Value: "a"}}
	ways := map[string]func(b *fake, owner, other *client){
		"until its last batch, whoever asks for it": func(b *fake, _, other *client) {
			more := other.later(getMore)
			b.next().answer(cursor(1)) // not yet
			<-more
			more = other.later(getMore)
			b.next().answer(cursor(0))
			<-more
		},
		"until it is killed": func(b *fake, _, other *client) {
			more := other.later(kill)
			b.next().answer(fine)
			<-more
		},
		"until it fails": func(b *fake, _, other *client) {
			more := other.later(getMore)
			b.next().answer(bson.D{{Key: "ok", Value: 0.0}, {Key: "code", Value: 43}})
			<-more
		},
		"until its client has gone": func(_ *fake, owner, _ *client) { _ = owner.Close() },
	}
	for name, end := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, b := newFake(t, Config{})
			clients := make([]*client, MaxReads)
			for i := range clients {
				clients[i] = newClient(t, f)
				answer := clients[i].later(find("a"))
				b.next().answer(cursor(int64(i + 1)))
				<-answer
			}
			waiting := newClient(t, f).later(find("a"))
			b.none(f)
			end(b, clients[0], newClient(t, f))
			b.next().answer(cursor(0))
			if <-waiting == nil {
				t.Error("the next read has no answer")
			}
		})
	}
}

func TestLongUpdates(t *testing.T) {
	t.Parallel()
	t.Run("are refused with the reason and leave the database usable", func(t *testing.T) {
		t.Parallel()
		f, b := newFake(t, Config{})
		c := newClient(t, f)
		got := c.ask(updates(MaxStatements + 1))
		if text := got.Lookup("errmsg").StringValue(); got.Lookup("ok").Double() != 0 || !strings.Contains(text, "91 statements") || !strings.Contains(text, "90") {
			t.Errorf("answer = %v", got)
		}
		next := c.later(updates(MaxStatements))
		if a := b.next(); len(a.statements) != MaxStatements {
			t.Errorf("%d statements came through", len(a.statements))
		} else {
			a.answer(fine)
		}
		if <-next == nil {
			t.Error("no answer")
		}
	})
	t.Run("are refused silently when nobody listens", func(t *testing.T) {
		t.Parallel()
		f, b := newFake(t, Config{})
		c := newClient(t, f)
		c.silently(updates(MaxStatements + 1))
		ping := c.later(bson.D{{Key: "ping", Value: 1}, {Key: "$db", Value: "a"}})
		b.next().answer(fine)
		if got := <-ping; got.Lookup("ok").Double() != 1 {
			t.Errorf("the ping's answer is %v", got)
		}
	})
	t.Run("wait for readers, whose connections they need", func(t *testing.T) {
		t.Parallel()
		f, b := newFake(t, Config{})
		var open []*ask
		for range MaxReads {
			newClient(t, f).later(find("a"))
			open = append(open, b.next())
		}
		newClient(t, f).later(updates(spare))
		b.next().answer(fine) // a short one need not
		newClient(t, f).later(updates(spare + 1))
		b.none(f)
		open[0].answer(cursor(0))
		if a := b.next(); a.name != "update" {
			t.Errorf("%s came", a.name)
		}
	})
}

func TestASilentWriteLeavesNoAnswerBehind(t *testing.T) {
	t.Parallel()
	f, b := newFake(t, Config{})
	c := newClient(t, f)
	c.silently(insert("a"))
	b.next().answer(bson.D{{Key: "stale", Value: true}})
	ping := c.later(bson.D{{Key: "ping", Value: 1}, {Key: "$db", Value: "a"}})
	b.next().answer(bson.D{{Key: "fresh", Value: true}})
	if got := <-ping; got.Lookup("fresh").Type == 0 {
		t.Errorf("the ping's answer is %v", got)
	}
}

func TestNewCollectionsAreTold(t *testing.T) {
	t.Parallel()
	told := make(chan string, 10)
	f, b := newFake(t, Config{NewCollection: func(db string) { told <- db }})
	c := newClient(t, f)
	say := func(doc bson.D) int {
		answer := c.later(doc)
		b.next().answer(fine)
		<-answer
		return len(told)
	}
	drop := bson.D{{Key: "drop", Value: "c"}, {Key: "$db", Value: "a"}}
	for i, step := range []struct {
		doc  bson.D
		told int
	}{{find("a"), 0}, {insert("a"), 1}, {insert("a"), 1}, {insert("b"), 2}, {drop, 2}, {insert("a"), 3}} {
		if n := say(step.doc); n != step.told {
			t.Errorf("after step %d: %d told, want %d", i, n, step.told)
		}
	}
}

func TestCloseCutsEverything(t *testing.T) {
	t.Parallel()
	f, b := newFake(t, Config{})
	answers := []<-chan bson.Raw{newClient(t, f).later(insert("a")), newClient(t, f).later(find("b"))}
	b.next()
	b.next()
	answers = append(answers, newClient(t, f).later(insert("a"))) // waits for its turn
	idle := newClient(t, f)
	f.Close()
	for _, answer := range answers {
		if got := <-answer; got != nil {
			t.Errorf("answer = %v, want none", got)
		}
	}
	if idle.answer() != nil {
		t.Error("an idle client stayed")
	}
	if _, err := f.DialContext(t.Context(), "", ""); err == nil {
		t.Error("a closed front can be dialled")
	}
}

func TestBatchesAreKeptSmall(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		doc  bson.D
		want any // batchSize that the server sees
	}{
		"a find that says nothing":      {find("a"), int32(MaxBatch)},
		"a find that wants many":        {append(find("a"), bson.E{Key: "batchSize", Value: int32(1000)}), int32(MaxBatch)},
		"a find that wants few":         {append(find("a"), bson.E{Key: "batchSize", Value: int64(3)}), int64(3)},
		"a find that wants none yet":    {append(find("a"), bson.E{Key: "batchSize", Value: int32(0)}), int32(0)},
		"a find of one batch":           {append(find("a"), bson.E{Key: "singleBatch", Value: true}), nil},
		"a getMore that says nothing":   {bson.D{{Key: "getMore", Value: int64(1)}, {Key: "$db", Value: "a"}}, int32(MaxBatch)},
		"a getMore that wants anything": {bson.D{{Key: "getMore", Value: int64(1)}, {Key: "batchSize", Value: 0}, {Key: "$db", Value: "a"}}, int32(MaxBatch)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, b := newFake(t, Config{})
			newClient(t, f).later(tc.doc)
			a := b.next()
			var got any
			if v := a.body.Lookup("batchSize"); v.Type != 0 {
				if err := v.Unmarshal(&got); err != nil {
					t.Fatal(err)
				}
			}
			if got != tc.want || a.db != "a" {
				t.Errorf("batchSize = %v, want %v, in %v", got, tc.want, a.body)
			}
		})
	}
}
