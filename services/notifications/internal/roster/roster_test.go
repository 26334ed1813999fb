package roster

import (
	"encoding/json"
	"log/slog"
	"testing"

	"plenary.example/shared/event"
)

func TestWhoMayBeTold(t *testing.T) {
	t.Parallel()
	r := New(slog.New(slog.DiscardHandler))
	see := func(conference, status string, revision int64) {
		data, err := json.Marshal(event.DelegateState{Delegate: "ada", Delegation: "kr", Revision: revision, Status: status, Roles: []string{"liaison"}})
		if err != nil {
			t.Fatal(err)
		}
		r.See(conference, data)
	}
	may := func(conference string, want bool, why string) {
		t.Helper()
		if got := r.May(conference, "ada"); got != want {
			t.Errorf("%s: told %v in %s", why, got, conference)
		}
	}
	may("seoul", true, "nobody has heard of ada")
	see("seoul", event.Accredited, 1)
	may("seoul", true, "ada is accredited")
	for n, status := range []string{event.Removed, event.Substituted, event.Erased, "suspended"} { // the set may grow
		see("seoul", status, int64(n+2))
		may("seoul", false, status)
	}
	see("seoul", event.Accredited, 3)
	may("seoul", false, "an older state came later")
	may("london", true, "another conference has its own ada")
	see("seoul", event.Accredited, 9)
	may("seoul", true, "ada is back")
	if _, ok := r.See("seoul", []byte("{")); ok {
		t.Error("half a message was understood")
	}
	if d, _ := r.Of("seoul", "ada"); d.Delegation != "kr" || d.Roles[0] != "liaison" || d.Revision != 9 {
		t.Errorf("ada stands as %+v", d)
	}
}
