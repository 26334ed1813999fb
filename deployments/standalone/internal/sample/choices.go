package sample

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// everyone is the draw of a session that each delegate picks: moving it is the
// largest fan-out a conference knows.
const everyone = 1000

// Of all sessions with the draw aFew together, a delegate picks up to this many.
const (
	aFew = -1
	few  = 12
)

// choices adds what delegates picked and the phones they hear of it on. Each
// has one phone; some have a second, until the edition's number is reached.
func (e *edition) choices(m maker) {
	e.picks(m.dice("picks"))
	dice := m.dice("devices")
	seconds := e.devices*m.times - len(e.Delegates)
	for i, d := range e.Delegates {
		e.Devices = append(e.Devices, e.device(m, d, 1, dice.IntN(100)))
		// Of the people left, as many get a second phone as there are left to give.
		if dice.IntN(len(e.Delegates)-i) < seconds {
			e.Devices = append(e.Devices, e.device(m, d, 2, dice.IntN(100)))
			seconds--
		}
	}
}

func (e *edition) picks(dice *rand.Rand) {
	var some []string
	for _, s := range e.Sessions {
		if s.draw == aFew {
			some = append(some, s.ID)
		}
	}
	for _, d := range e.Delegates {
		for _, s := range e.Sessions {
			if s.draw > 0 && dice.IntN(everyone) < s.draw {
				e.Picks = append(e.Picks, Pick{d.ID, s.ID})
			}
		}
		if len(some) == 0 {
			continue
		}
		chosen := map[int]bool{}
		for range dice.IntN(few + 1) {
			chosen[dice.IntN(len(some))] = true
		}
		for _, i := range slices.Sorted(maps.Keys(chosen)) {
			e.Picks = append(e.Picks, Pick{d.ID, some[i]})
		}
	}
}

// device is the nth phone of a delegate; chance, below 100, decides its make.
func (e *edition) device(m maker, d Delegate, n, chance int) Device {
	name := fmt.Sprintf("%s phone %d", d.Accreditation, n)
	secret := m.digest("token", name)
	phone := Device{
		Installation: m.id("installation", name), Delegate: d.ID,
		Token:    fmt.Sprintf("sample:%s-%d:%x", strings.ToLower(d.Accreditation), n, secret[:16]),
		Platform: "android", Rendering: "app", Locale: locales[int(secret[31])%len(locales)],
	}
	switch {
	case chance < 40:
		phone.Platform = "ios"
	case chance < 50:
		phone.Rendering = "system"
	}
	if d.Languages[0] != "en" {
		phone.Locale = d.Languages[0]
	}
	return phone
}

// locales of phones; most are ones the conference has no wording for, which
// is what makes a fallback worth testing.
var locales = [...]string{
	"en", "en-GB", "en-US", "en", "fr", "es", "es-MX", "de", "ja", "zh-Hans", "ar", "pt-BR", "ru", "ko",
}
