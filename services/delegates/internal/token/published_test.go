package token

import (
	"testing"
	"time"
)

func ids(p Published) []string {
	var all []string
	for _, k := range p.Keys {
		all = append(all, k.ID)
	}
	return all
}

func TestNobodyTakesAwayAKeyThatAnotherMaySignWith(t *testing.T) {
	t.Parallel()
	older, both, newer := keysOf(t, 1), keysOf(t, 2, 1), keysOf(t, 2)
	o, n := older.JWKS().Keys[0].ID, newer.JWKS().Keys[0].ID
	at := func(minutes int) time.Time { return opening.Add(time.Duration(minutes) * time.Minute) }
	var p Published
	for _, step := range []struct {
		name string
		own  *Keys
		now  time.Time
		want []string
	}{
		{"one replica", older, at(0), []string{o}},
		{"another with the newer one before it", both, at(1), []string{n, o}},
		{"the first again", older, at(10), []string{n, o}},
		{"one with the newer alone", newer, at(20), []string{n, o}},
		{"that again while the older may have signed", newer, at(54), []string{n, o}},
		{"that again when it cannot have", newer, at(55), []string{n}},
		{"the older once more, put back", older, at(56), []string{o, n}},
	} {
		before := p.Revision
		p = p.With(step.own, step.now)
		got := ids(p)
		if len(got) != len(step.want) || got[0] != step.want[0] || got[len(got)-1] != step.want[len(step.want)-1] {
			t.Errorf("%s: keys %v, want %v", step.name, got, step.want)
		}
		if p.Revision <= before {
			t.Errorf("%s: revision %d after %d", step.name, p.Revision, before)
		}
	}
	if back := p.With(older, at(0)); back.Revision <= p.Revision || !back.Keys[0].SeenAt.Equal(at(56)) {
		t.Errorf("by a clock that is behind: %+v", back)
	}
}
