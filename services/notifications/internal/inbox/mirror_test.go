package inbox

import (
	"testing"

	"plenary.example/shared/event"
)

func TestWhoTakesBackAPickWantsNothingOfBeforeUnlessElseTiedToIt(t *testing.T) {
	t.Parallel()
	b := newMirrored(t)
	b.edit(state(in("a")), state(in("b"), func(s *event.SessionState) { s.Session, s.Kind = "all", plenary }), // 1
		state(func(s *event.SessionState) { s.Session, s.Duties = "part", []string{"ada"} }))
	b.picks("ada", 1, 0, "s", "all", "part")
	b.edit(state(in("c"))) // 2
	took := func(session string, revision int64) bool { return b.mirror.TookBack("seoul", "ada", session, revision) }
	if took("s", 2) {
		t.Error("who picked it took it back")
	}
	b.picks("ada", 2, 0)
	for session, want := range map[string]bool{"s": true, "all": false, "part": false, "other": false} {
		if took(session, 1) != want {
			t.Errorf("of %s it is %v that it was taken back", session, !want)
		}
	}
	if !took("s", 2) || took("s", 3) {
		t.Error("what came before counts, and what comes later does not")
	}
	b.picks("ada", 3, 0, "s")
	if took("s", 2) {
		t.Error("who picked it again took it back")
	}
}
