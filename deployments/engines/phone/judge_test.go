package phone_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"plenary.example/deployments/engines/phone"
)

func TestAPhoneIsJudgedByWhatItsOwnerSaw(t *testing.T) {
	t.Parallel()
	app := func(revisions ...int) (all [][]byte) {
		for _, rev := range revisions {
			all = append(all, news(rev, false))
		}
		return all
	}
	system := func(revisions ...int) (all [][]byte) {
		for _, rev := range revisions {
			all = append(all, news(rev, true))
		}
		return all
	}
	other := news(1, true, "tag", "u") // the same card in another place
	for name, x := range map[string]struct {
		pushes   [][]byte
		relapses int
		fault    string // a part of one; empty when all is well
	}{
		"told once":                      {app(1, 3), 0, ""},
		"told twice":                     {app(1, 1, 3, 3), 0, ""},
		"an app is told late":            {app(3, 1), 0, ""},
		"not told of the newest":         {app(1), 0, "and not revision 3"},
		"told nothing":                   {nil, 0, "and not revision 3"},
		"the system replaces":            {system(1, 3, 3), 0, ""},
		"it goes back and forth":         {system(1, 3, 1, 3), 1, ""},
		"it goes back":                   {system(3, 1), 1, "still shows"},
		"one notice stands in two cards": {append(system(1, 3), other, news(3, true)), 1, "still shows"},
		"nobody can read it":             {append(app(3), []byte("{}")), 0, "no app understands"},
	} {
		var pushes []phone.Push
		for i, m := range x.pushes {
			pushes = append(pushes, phone.Push{Message: m, At: now.Add(time.Duration(i) * time.Second)})
		}
		faults, relapses := phone.Judge(pushes, map[string]int64{"session/s": 3}, rand.New(rand.NewPCG(1, 1)))
		all := strings.Join(faults, "\n")
		if relapses != x.relapses || (all == "") != (x.fault == "") || !strings.Contains(all, x.fault) {
			t.Errorf("%s: %d relapses, and %q", name, relapses, all)
		}
	}
}
