package phone_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/engines/phone"
)

var now = time.Date(2013, 10, 17, 9, 0, 0, 0, time.UTC)

// news is revision rev of a session, as data for the app or as a card for the
// system.
func news(rev int, ready bool, more ...string) []byte {
	data := map[string]string{
		"noticeId": fmt.Sprint("n", rev), "subjectKind": "session", "subjectId": "s", "tag": "t",
		"revision": fmt.Sprint(rev), "sequence": fmt.Sprint(rev), "title": "Moved", "body": fmt.Sprint("Hall ", rev),
	}
	for i := 0; i+1 < len(more); i += 2 {
		data[more[i]] = more[i+1]
	}
	m := map[string]any{"data": data}
	if ready {
		m["apns"] = map[string]any{
			"headers": map[string]string{"apns-collapse-id": data["tag"]},
			"payload": map[string]any{"aps": map[string]any{"alert": map[string]string{"title": data["title"], "body": data["body"]}}},
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func receive(t *testing.T, p *phone.Phone, all ...[]byte) {
	t.Helper()
	for _, m := range all {
		if err := p.Receive(m, now); err != nil {
			t.Fatal(err)
		}
	}
}

// want compares what stood on the screen, as n<revision> × times, and what stands
// there now.
func want(t *testing.T, p *phone.Phone, body string, relapses int, appeared map[string]int) {
	t.Helper()
	cards := p.Cards(now)
	if len(cards) != 1 || cards[0].Body != body {
		t.Errorf("on the screen: %+v, want %s", cards, body)
	}
	if got := p.Appeared(); fmt.Sprint(got) != fmt.Sprint(appeared) {
		t.Errorf("appeared %v, want %v", got, appeared)
	}
	if n := len(p.Relapses()); n != relapses {
		t.Errorf("%d relapses, want %d: %+v", n, relapses, p.Relapses())
	}
}

func TestAnAppShowsEachNoticeOnceAndNeverGoesBack(t *testing.T) {
	t.Parallel()
	for _, alive := range []bool{true, false} { // a message without a card wakes the app
		var p phone.Phone
		if alive {
			p.Open()
		}
		receive(t, &p, news(1, false), news(1, false), news(3, false), news(2, false), news(1, false), news(3, false))
		want(t, &p, "Hall 3", 0, map[string]int{"n1": 1, "n3": 1})
		p.Dismiss("t")
		receive(t, &p, news(3, false))
		if len(p.Cards(now)) != 0 || p.Received() != 7 {
			t.Errorf("what its owner wiped away came back: %+v", p.Cards(now))
		}
	}
}

func TestTheSystemReplacesByTagAndKnowsNothingElse(t *testing.T) {
	t.Parallel()
	var p phone.Phone
	receive(t, &p, news(1, true), news(1, true), news(3, true), news(2, true), news(3, true, "silent", "true"))
	want(t, &p, "Hall 3", 1, map[string]int{"n1": 1, "n2": 1, "n3": 2})
	if fmt.Sprint(p.Sounded()) != "map[n1:2 n2:1 n3:1]" {
		t.Errorf("heard %v", p.Sounded())
	}
	p.Dismiss("t")
	receive(t, &p, news(3, true))
	want(t, &p, "Hall 3", 1, map[string]int{"n1": 1, "n2": 1, "n3": 3})
	p.Open()
	receive(t, &p, news(4, true), news(3, true)) // now the app decides
	want(t, &p, "Hall 4", 1, map[string]int{"n1": 1, "n2": 1, "n3": 3, "n4": 1})
	p.Kill()
	receive(t, &p, news(4, true))
	want(t, &p, "Hall 4", 1, map[string]int{"n1": 1, "n2": 1, "n3": 3, "n4": 1})
}

func TestNewsThatShareARevisionFollowEachOther(t *testing.T) {
	t.Parallel()
	var p phone.Phone
	receive(t, &p, news(1, true, "noticeId", "change"), news(1, true, "noticeId", "reminder", "sequence", "2"), news(1, true, "noticeId", "change"))
	if r := p.Relapses(); len(r) != 1 || r[0].Shown.Notice != "change" || r[0].After.Notice != "reminder" {
		t.Errorf("relapses %+v", r)
	}
	if c, ok := p.Newest("session/s"); !ok || c.Notice != "reminder" {
		t.Errorf("newest %+v", c)
	}
}

func TestAnyOrderOfDeliveryEndsWithTheNewest(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var all [][]byte
		for rev := range 8 {
			for range 1 + rnd.IntN(3) {
				all = append(all, news(rev+1, false))
			}
		}
		rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var p phone.Phone
		for _, m := range all {
			if rnd.IntN(4) == 0 {
				p.Kill()
			} else {
				p.Open()
			}
			receive(t, &p, m)
		}
		if c := p.Cards(now); len(c) != 1 || c[0].Revision != 8 || len(p.Relapses()) != 0 {
			t.Errorf("seed %d: %+v, relapses %+v", seed, c, p.Relapses())
		}
		for id, n := range p.Appeared() {
			if n != 1 {
				t.Errorf("seed %d: %s appeared %d times", seed, id, n)
			}
		}
	}
}

func TestStaleNewsIsNotShownAndFiveHundredAreRemembered(t *testing.T) {
	t.Parallel()
	var p phone.Phone
	receive(t, &p, news(1, true, "expiresAt", now.Format(time.RFC3339)))
	if len(p.Cards(now)) != 0 || len(p.Appeared()) != 0 {
		t.Error("stale news was shown")
	}
	receive(t, &p, news(1, false, "expiresAt", now.Add(time.Minute).Format(time.RFC3339)))
	if len(p.Cards(now)) != 1 || len(p.Cards(now.Add(time.Minute))) != 0 {
		t.Error("a card did not go when it was stale")
	}
	other := func(i int) []byte { return news(1, false, "noticeId", fmt.Sprint("o", i), "subjectId", fmt.Sprint(i)) }
	for i := range 501 {
		receive(t, &p, other(i))
	}
	receive(t, &p, other(1), other(0)) // only the second is forgotten
	if p.Appeared()["o1"] != 1 || p.Appeared()["o0"] != 2 {
		t.Errorf("appeared %d and %d times, want once and twice", p.Appeared()["o1"], p.Appeared()["o0"])
	}
}

func TestWhatIsTakenBackPuzzlesWhoNeverSawIt(t *testing.T) {
	t.Parallel()
	var p, other phone.Phone
	receive(t, &p, news(1, true, "category", "session.moved"), news(2, true, "category", "session.restored"))
	receive(t, &other, news(2, true, "category", "session.restored"))
	if len(p.Puzzles()) != 0 || len(other.Puzzles()) != 1 {
		t.Errorf("puzzles %v and %v", p.Puzzles(), other.Puzzles())
	}
}

func TestWhatNoAppUnderstandsIsRefused(t *testing.T) {
	t.Parallel()
	for name, m := range map[string][]byte{
		"no JSON": []byte("{"), "no data": []byte("{}"), "no revision": news(1, false, "revision", ""), "no tag": news(1, false, "tag", ""),
		"no title": news(1, true, "title", ""), "no time": news(1, false, "expiresAt", "soon"),
		"two tags": []byte(strings.Replace(string(news(1, true)), `"apns-collapse-id":"t"`, `"apns-collapse-id":"u"`, 1)),
	} {
		if err := new(phone.Phone).Receive(m, now); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestTheContractsOwnExamplesAreUnderstood keeps the model and the published
// payload together, though neither is made from the other.
func TestTheContractsOwnExamplesAreUnderstood(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../api-spec/push/*-*.json")
	files = slices.DeleteFunc(files, func(f string) bool { return strings.Contains(f, "sealed") }) // nobody sees into those
	if err != nil || len(files) < 12 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var p phone.Phone
		before := time.Date(2013, 10, 1, 0, 0, 0, 0, time.UTC)
		if err := p.Receive(b, before); err != nil || len(p.Cards(before)) != 1 {
			t.Errorf("%s: %v, %+v", filepath.Base(f), err, p.Cards(before))
		}
	}
}
