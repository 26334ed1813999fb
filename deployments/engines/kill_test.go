package engines_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"plenary.example/deployments/engines"
	"plenary.example/deployments/engines/enginestest"
	"plenary.example/shared/store"
)

// kills is how often a process is killed in each test.
func kills() int {
	if soak {
		return 40
	}
	return 3
}

const killers = 4 // concurrent writers of the process that is killed

// A writer keeps a sequence of facts: it inserts <writer>/<n> and then counts
// it in its own document. What it has said was acknowledged.
func writeUntilKilled(ctx context.Context, dir string) error {
	e, err := engines.Start(ctx, engines.Config{Dir: dir})
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, embedded(e))
	if err != nil {
		return err
	}
	facts, counts := s.Collection("facts"), s.Collection("counts")
	g, ctx := errgroup.WithContext(ctx)
	for w := range killers {
		g.Go(func() error {
			for n := range 1_000_000 {
				id := fmt.Sprintf("%d/%d/%d", os.Getpid(), w, n)
				if err := facts.Insert(ctx, bson.M{"_id": id, "text": strings.Repeat(id, 50)}); err != nil {
					return err
				}
				say("insert %s", id)
				if err := counts.Update(ctx, strconv.Itoa(w), nil, bson.M{
					"$inc": bson.M{"n": int64(1)}, "$push": bson.M{"outbox": id},
				}); err != nil {
					return err
				}
				say("update %s", id)
			}
			return errors.New("nobody killed me")
		})
	}
	return g.Wait()
}

func TestNoAcknowledgedWriteIsLostToAKill(t *testing.T) {
	t.Parallel()
	dir, random := enginestest.Folder(t), rand.New(rand.NewPCG(2013, 10))
	e := enginestest.Start(t, engines.Config{Dir: dir})
	counts := openStore(t, embedded(e)).Collection("counts")
	for w := range killers {
		if err := counts.Insert(t.Context(), bson.M{"_id": strconv.Itoa(w), "n": int64(0), "outbox": bson.A{}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	var said []string
	for range kills() {
		said = append(said, start(t, "store", dir).killAfter(t, 20+random.IntN(200))...)
	}

	s := openStore(t, embedded(enginestest.Start(t, engines.Config{Dir: dir})))
	all, err := store.All[struct {
		ID   string `bson:"_id"`
		Text string
	}](t.Context(), s.Collection("facts"), nil)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range all {
		if there[f.ID] = true; f.Text != strings.Repeat(f.ID, 50) {
			t.Errorf("fact %s is damaged", f.ID)
		}
	}
	var counted int64
	pushed := map[string]bool{}
	for w := range killers {
		var doc struct {
			N      int64
			Outbox []string
		}
		if err := s.Collection("counts").Get(t.Context(), strconv.Itoa(w), &doc); err != nil {
			t.Fatal(err)
		}
		if counted += doc.N; int(doc.N) != len(doc.Outbox) {
			t.Errorf("writer %d counted %d and pushed %d: half an update", w, doc.N, len(doc.Outbox))
		}
		for _, id := range doc.Outbox {
			pushed[id] = true
		}
	}
	updates := 0
	for _, line := range said {
		switch what, id, _ := strings.Cut(line, " "); {
		case what == "insert" && !there[id]:
			t.Errorf("the acknowledged insert of %s is lost", id)
		case what == "update" && !pushed[id]:
			t.Errorf("the acknowledged update by %s is lost", id)
		case what == "update":
			updates++
		}
	}
	if open := counted - int64(updates); open < 0 || open > int64(killers*kills()) {
		t.Errorf("%d updates counted, %d acknowledged: at most one of each killed writer may be open", counted, updates)
	}
	t.Logf("%d kills, %d acknowledged writes", kills(), len(said))
}

// publishUntilKilled says the id of each message whose acknowledgement it has.
func publishUntilKilled(ctx context.Context, dir string) error {
	e, err := engines.Start(ctx, engines.Config{Dir: dir})
	if err != nil {
		return err
	}
	js, err := dial(e)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	for w := range killers {
		g.Go(func() error {
			for n := range 1_000_000 {
				id := fmt.Sprintf("%d/%d/%d", os.Getpid(), w, n)
				if _, err := js.Publish(ctx, "news.session", []byte(strings.Repeat(id, 50)), jetstream.WithMsgID(id)); err != nil {
					return err
				}
				say("%s", id)
			}
			return errors.New("nobody killed me")
		})
	}
	return g.Wait()
}

func TestNoAcknowledgedMessageIsLostToAKill(t *testing.T) {
	t.Parallel()
	dir, random := enginestest.Folder(t), rand.New(rand.NewPCG(2011, 11))
	e := enginestest.Start(t, engines.Config{Dir: dir})
	js, err := dial(e)
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "NEWS", Subjects: []string{"news.>"}, Duplicates: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = js.Publish(t.Context(), "news.session", []byte("before"), jetstream.WithMsgID("before")); err != nil {
		t.Fatal(err)
	}
	js.Conn().Close()
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	var said []string
	for range kills() {
		said = append(said, start(t, "bus", dir).killAfter(t, 200+random.IntN(2000))...)
	}

	if js, err = dial(enginestest.Start(t, engines.Config{Dir: dir})); err != nil {
		t.Fatal(err)
	}
	defer js.Conn().Close()
	news, err := js.Stream(t.Context(), "NEWS")
	if err != nil {
		t.Fatal(err)
	}
	info, err := news.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		m, err := news.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		id := m.Header.Get(jetstream.MsgIDHeader)
		if times[id]++; id != "before" && string(m.Data) != strings.Repeat(id, 50) {
			t.Errorf("message %s is damaged", id)
		}
	}
	for _, id := range append(said, "before") {
		if times[id] != 1 {
			t.Errorf("the acknowledged message %s is there %d times", id, times[id])
		}
	}
	for _, id := range []string{said[0], said[len(said)-1], "before"} { // the memory of ids survives too
		ack, err := js.Publish(t.Context(), "news.session", nil, jetstream.WithMsgID(id))
		if err != nil || !ack.Duplicate {
			t.Errorf("message %s was taken again: %+v, %v", id, ack, err)
		}
	}
	t.Logf("%d kills, %d acknowledged messages", kills(), len(said))
}

// dial connects to the bus of e; whoever is done closes the connection.
func dial(e *engines.Engines) (jetstream.JetStream, error) {
	nc, err := nats.Connect("", e.Bus()...)
	if err != nil {
		return nil, err
	}
	return jetstream.New(nc)
}
