package live

import (
	"fmt"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
)

// A draft of fifty changes is released upon an agenda of so many sessions.
func BenchmarkReleaseOfFiftyChanges(b *testing.B) {
	for _, n := range []int{200, 2000} {
		b.Run(fmt.Sprint(n, " sessions"), func(b *testing.B) {
			r, _ := open(b, enginestest.Test(b))
			all := later(n)
			for i := range all {
				all[i].Room = []string{"hall", "annex"}[i%2]
			}
			add(b, r, all...)
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				d, err := r.EditDraft(b.Context(), "seoul", "x", 0, func(d draft.Draft, _ programme.Conference, a programme.Agenda) (draft.Draft, error) {
					edited := a.Sessions()[:50]
					for k := range edited {
						edited[k].Title = programme.Text{"en": fmt.Sprint(i, k)}
					}
					return d.Put(a, edited...), nil
				})
				if err != nil {
					b.Fatal(err)
				}
				toll := 1 // of whoever picked the first
				b.StartTimer()
				out, err := r.ReleaseDraft(b.Context(), "seoul", d.Revision, draft.Order{Actor: "x", Count: &toll})
				if err != nil || len(out.Release.After) != 50 {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed()/time.Duration(b.N))/1e6, "ms/release")
		})
	}
}
