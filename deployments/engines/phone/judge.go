package phone

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A Push is a message as the carrier took it, and when.
type Push struct {
	Message []byte
	At      time.Time
}

// Judge says in words what was wrong with what the owner of a phone saw of all it
// was sent, in the order in which the carrier took it; nothing when all was well.
// Wanted is the newest revision of each subject, by kind and id with a slash between,
// that they must have heard of. They must have seen it, each notice once, and nothing
// after what superseded it; whatever the app did meanwhile, and where it draws the
// cards itself also whatever order the carrier chose. Relapses is how often a card
// that the system drew went back, which no app can prevent.
func Judge(pushes []Push, wanted map[string]int64, rnd *rand.Rand) (faults []string, relapses int) {
	var last time.Time
	for _, x := range pushes {
		if x.At.After(last) {
			last = x.At
		}
	}
	judge := func(how string, p *Phone, pushes []Push) {
		for _, x := range pushes {
			if err := p.Receive(x.Message, x.At); err != nil {
				faults = append(faults, err.Error())
			}
		}
		for _, fault := range p.faults(wanted, last) {
			faults = append(faults, how+" "+fault)
		}
	}
	var killed, alive Phone
	alive.Open()
	judge("with its app killed, it", &killed, pushes)
	judge("with its app alive, it", &alive, pushes)
	late := slices.Clone(pushes)
	for range 5 {
		rnd.Shuffle(len(late), func(i, j int) { late[i], late[j] = late[j], late[i] })
		var killed, alive Phone
		alive.Open()
		judge("with its app alive and late deliveries, it", &alive, late)
		if !killed.bySystem(pushes) {
			judge("with late deliveries, it", &killed, late)
		}
	}
	return faults, len(killed.Relapses())
}

// bySystem says whether any of the messages brings a card that the system draws.
func (p *Phone) bySystem(pushes []Push) bool {
	return slices.ContainsFunc(pushes, func(x Push) bool {
		_, look, err := read(x.Message)
		return err == nil && look.ready && !p.alive
	})
}

// faults are what was wrong with all that the owner saw until a time.
func (p *Phone) faults(wanted map[string]int64, at time.Time) (faults []string) {
	fault := func(format string, v ...any) { faults = append(faults, fmt.Sprintf(format, v...)) }
	for subject, revision := range wanted {
		if c, ok := p.Newest(subject); !ok || c.Revision < revision {
			fault("saw %+v of %s, and not revision %d", c, subject, revision)
		}
	}
	back, again := map[string]int{}, map[string]int{}
	for _, r := range p.relapses {
		back[r.Shown.Notice]++
		again[r.After.Notice]++ // which is put back on top
		if !r.bySystem {
			fault("went back to %+v after %+v", r.Shown, r.After)
		}
	}
	for id, n := range p.times {
		if n-back[id] > 1+again[id] {
			fault("saw %s appear %d times, %d of them in the place of newer news, which came back %d times", id, n, back[id], again[id])
		}
	}
	for _, c := range p.Cards(at) {
		if c.Revision < wanted[c.Subject] {
			fault("still shows %+v, and not revision %d", c, wanted[c.Subject])
		}
	}
	return faults
}
