package desk

import (
	"fmt"
	"sync"
	"testing"

	"plenary.example/services/agenda/internal/meeting"

	"plenary.example/deployments/engines/enginestest"
)

func TestTheLastSearchesAreKeptAndTheOthersCounted(t *testing.T) {
	t.Parallel()
	e := enginestest.Test(t)
	r, _ := open(t, e)
	other, _ := open(t, e)
	day, err := r.today("seoul")
	if err != nil {
		t.Fatal(err)
	}
	before := meeting.Searches{ID: "seoul/hu/" + day, Revision: 1, Day: day, Earlier: 7}
	for n := range searchesKept {
		before.Kept = append(before.Kept, meeting.Search{Actor: "hu-9", With: fmt.Sprint("before ", n), Level: "minister"})
	}
	if err := r.searched.Insert(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for _, d := range []*replica{r, other} {
				if err := d.Searched(t.Context(), "seoul", "hu", "hu-9", fmt.Sprint("now ", n), "minister"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	made, err := other.Searches(t.Context(), "seoul", "hu", "")
	if err != nil || made.Day != day || len(made.Kept) != searchesKept || made.Earlier != 15 || made.Kept[8].With != "before 0" {
		t.Errorf("%v: %d are kept of %s after %d", err, len(made.Kept), made.Day, made.Earlier)
	}
}
