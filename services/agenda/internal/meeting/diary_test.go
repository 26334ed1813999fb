package meeting_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"plenary.example/services/agenda/internal/meeting"
)

// A naive diary looks at everything it was ever given.
type naive map[string][]meeting.Hold

func (n naive) taken(resource string, from, to int64) []meeting.Taken {
	var all []meeting.Taken
	for holder, holds := range n {
		for _, h := range holds {
			if h.Spans(meeting.Hold{Resource: resource, From: from, To: to}) {
				all = append(all, meeting.Taken{Holder: holder, From: h.From, To: h.To})
			}
		}
	}
	slices.SortFunc(all, func(a, b meeting.Taken) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Holder, b.Holder), cmp.Compare(a.To, b.To))
	})
	return all
}

func TestTheDiaryAnswersAsOneThatLooksAtEverything(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		d, n := meeting.NewDiary(), naive{}
		resource := func() string { return meeting.RoomResource(fmt.Sprint(r.IntN(4))) }
		for range 600 {
			holder := fmt.Sprint(r.IntN(12))
			holds := make([]meeting.Hold, r.IntN(4))
			for i := range holds {
				from := r.Int64N(80)
				holds[i] = meeting.Hold{Resource: resource(), From: from, To: from + 1 + r.Int64N(1+r.Int64N(40))}
			}
			d.Put(holder, holds)
			n[holder] = slices.Clone(holds)
			for i := range holds {
				holds[i] = meeting.Hold{} // the diary has a copy
			}

			from := r.Int64N(90)
			h := meeting.Hold{Resource: resource(), From: from, To: from + 1 + r.Int64N(20)}
			want := n.taken(h.Resource, h.From, h.To)
			if got := d.Taken(h.Resource, h.From, h.To); !slices.Equal(got, want) {
				t.Fatalf("seed %d: %v is taken by %v, want %v", seed, h, got, want)
			}
			but := fmt.Sprint(r.IntN(12))
			others := slices.ContainsFunc(want, func(x meeting.Taken) bool { return x.Holder != but })
			if got := d.Free(h, but); got == others {
				t.Fatalf("seed %d: %v is free but for %s: %v, taken by %v", seed, h, but, got, want)
			}
			if got := d.Free(h); got != (len(want) == 0) {
				t.Fatalf("seed %d: %v is free: %v, taken by %v", seed, h, got, want)
			}
		}
	}
}

func TestTheDiaryIsReadWhileItIsWritten(t *testing.T) {
	t.Parallel()
	d := meeting.NewDiary()
	room := meeting.RoomResource("r")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range int64(200) {
				d.Put(fmt.Sprint(i), []meeting.Hold{{Resource: room, From: j, To: j + 2}, {Resource: room, From: j + 10, To: j + 12}})
				if d.Free(meeting.Hold{Resource: room, From: j, To: j + 2}) {
					t.Error("what was put is not taken")
				}
			}
			d.Put(fmt.Sprint(i), nil)
		})
	}
	all.Wait()
	if left := d.Taken(room, 0, 1000); left != nil {
		t.Errorf("%v is left", left)
	}
}

// full is a diary of n meetings of two delegates each, in 60 rooms.
func full(n int) (*meeting.Diary, func(i int) []meeting.Hold) {
	d := meeting.NewDiary()
	holds := func(i int) []meeting.Hold {
		from := int64(i/60) * 6
		var all []meeting.Hold
		for _, r := range []string{meeting.PersonResource(fmt.Sprint(i % 7000)), meeting.PersonResource(fmt.Sprint(8000 + i%7000)), meeting.RoomResource(fmt.Sprint(i % 60))} {
			all = append(all, meeting.Hold{Resource: r, From: from, To: from + 6})
		}
		return all
	}
	for i := range n {
		d.Put(fmt.Sprint(i), holds(i))
	}
	return d, holds
}

func BenchmarkDiaryFree(b *testing.B) {
	d, _ := full(4500)
	h := meeting.Hold{Resource: meeting.RoomResource("30"), From: 200, To: 206}
	b.ReportAllocs()
	for b.Loop() {
		d.Free(h, "another")
	}
}

func BenchmarkDiaryPut(b *testing.B) {
	d, holds := full(4500)
	one, other := holds(1), holds(4600)
	b.ReportAllocs()
	for b.Loop() {
		d.Put("1", other)
		d.Put("1", one)
	}
}
