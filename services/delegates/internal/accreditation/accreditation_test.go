package accreditation

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

var opening = time.Date(2013, 10, 17, 8, 0, 0, 0, time.UTC)

func TestCodesAreReadableAndDiffer(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	var count [256]int
	for range 3000 {
		c := NewCode()
		if len(c) != 10 || strings.Trim(c, letters) != "" || seen[c] {
			t.Fatalf("code %q", c)
		}
		seen[c] = true
		for i := range c {
			count[c[i]]++
		}
	}
	if strings.ContainsAny(letters, "01OILU") {
		t.Error("letters hold look-alikes")
	}
	for _, l := range letters { // 1,000 of each expected; six sigma is 190
		if n := count[l]; n < 800 || n > 1200 {
			t.Errorf("%c came %d times of 30,000", l, n)
		}
	}
}

func TestACodeOpensItsAccreditationOnly(t *testing.T) {
	t.Parallel()
	older, newer := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	id := ID("seoul-2013", "SEO-00001")
	a := Accreditation{ID: id, Code: NewCodes([][]byte{older}).Hash(id, "K7QM-2XTRAB")}
	opens := func(c Codes, a Accreditation, id, typed string) bool {
		_, single := c.opens(a, id, typed)
		return single
	}
	both := NewCodes([][]byte{newer, older})
	for _, typed := range []string{"K7QM2XTRAB", "k7qm-2xtrab", " K7QM 2XTR AB"} {
		if !opens(both, a, id, typed) {
			t.Errorf("%q does not open", typed)
		}
	}
	for _, wrong := range []string{"", "K7QM2XTRAC", "K7QM2XTRA", "K7QM2XTRABB"} {
		if opens(both, a, id, wrong) {
			t.Errorf("%q opens", wrong)
		}
	}
	if opens(NewCodes([][]byte{newer}), a, id, "K7QM2XTRAB") {
		t.Error("opens without its key")
	}
	if opens(both, a, ID("seoul-2013", "SEO-00002"), "K7QM2XTRAB") || opens(both, Accreditation{}, id, "K7QM2XTRAB") {
		t.Error("opens another accreditation")
	}
	if ID("seoul-2013", " seo-00001 ") != id {
		t.Error("the number must be typed exactly")
	}
}

func TestGuessesSlowDownAndAreForgotten(t *testing.T) {
	t.Parallel()
	for failed, want := range map[int]time.Duration{
		0: 0, 4: 0, 5: time.Second, 6: 2 * time.Second, 10: 32 * time.Second, 11: time.Minute, 1000: time.Minute, 1 << 40: time.Minute,
	} {
		g := Guesses{Failed: failed, Last: opening}
		if got := g.Wait(opening); got != want {
			t.Errorf("after %d: wait %v, want %v", failed, got, want)
		}
		if got := g.Wait(opening.Add(want)); got != 0 {
			t.Errorf("after %d and %v: still wait %v", failed, want, got)
		}
	}
	if g := (Guesses{Failed: 9, Last: opening}); g.Wait(opening.Add(time.Hour)) != 0 || !g.Stale(opening.Add(time.Hour)) {
		t.Error("an hour later the guesses still count")
	}
}

func TestAnAddressMayFailOftenAndNotForEver(t *testing.T) {
	t.Parallel()
	for failed, want := range map[int]time.Duration{0: 0, 1: 0, addressBurst - 1: 0, addressBurst: time.Second, addressBurst + 9: 10 * time.Second} {
		g := Guesses{Failed: failed, Since: opening, Last: opening}
		if got := g.WaitAddress(opening); got != want {
			t.Errorf("after %d: wait %v, want %v", failed, got, want)
		}
		if got := g.WaitAddress(opening.Add(want)); got != 0 {
			t.Errorf("after %d and %v: still wait %v", failed, want, got)
		}
	}
}

func TestAnAddressIsNotKept(t *testing.T) {
	t.Parallel()
	g, other := NewGuard(nil, []byte{1}, nil), NewGuard(nil, []byte{2}, nil)
	if g.addressID("2001:db8:1:2::1") != g.addressID("2001:db8:1:2:ffff::9") || g.addressID("2001:db8:1:2::1") == g.addressID("2001:db8:1:3::1") {
		t.Error("an IPv6 network is not its first 64 bits")
	}
	if g.addressID("192.0.2.1") == g.addressID("192.0.2.2") || g.addressID("192.0.2.1") == other.addressID("192.0.2.1") {
		t.Error("addresses are counted together, or can be found out without the key")
	}
	if id := g.addressID("192.0.2.1"); strings.Contains(id, "192") && strings.Contains(id, ".") || strings.Contains(id, "/") {
		t.Errorf("id %s", id)
	}
}
