package wording

import (
	"testing"
	"time"

	"plenary.example/services/notifications/internal/push"
)

// A notice is put into words once for every phone it goes to.
func BenchmarkRender(b *testing.B) {
	w, err := Open(nil)
	if err != nil {
		b.Fatal(err)
	}
	n := moved(func(n *push.Notice) { n.After.Start, n.After.End = ten.Add(time.Hour), ten.Add(2*time.Hour) })
	for name, key := range map[string]string{"first": "", "again": "seoul-2013/session/0190a3c2/1/2"} {
		b.Run(name, func(b *testing.B) {
			n.Key = key
			for b.Loop() {
				w.Render(n, Reader{Locale: "ru-RU"})
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		if _, err := Open(nil); err != nil {
			b.Fatal(err)
		}
	}
}
