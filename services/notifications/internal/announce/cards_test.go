package announce

import (
	"testing"

	"plenary.example/services/notifications/internal/push"
)

// The secretariat takes the language beside a card for that of most of its phones:
// one phone that is in another must not lend it its name.
func TestACardIsNamedAfterTheLanguageOfMostOfItsPhones(t *testing.T) {
	t.Parallel()
	set := map[string][]string{"ada": {"zh-Hans"}, "bob": {"en-GB", "en-GB"}, "cyd": {"fr"}, "dan": {"ko-KR"}}
	o := &Office{cfg: Config{
		Phones: func(delegate string) (all []push.Device) {
			for _, locale := range set[delegate] {
				all = append(all, push.Device{Locale: locale})
			}
			return all
		},
		Compose: func(n push.Notice, d push.Device) push.Message {
			if d.Locale == "ko-KR" || d.Locale == "ko" {
				return push.Message{Title: n.Texts["ko"].Title}
			}
			return push.Message{Title: n.Texts["en"].Title}
		},
	}}
	a := Announcement{Conference: "seoul", First: "en", Draft: Draft{Texts: map[string]push.Text{"en": {Title: "Buses"}, "ko": {Title: "버스"}}}}
	cards := o.cards(a, []string{"ada", "bob", "cyd", "dan"}, noon)
	if len(cards) != 2 || cards[0] != (Card{Locale: "en-GB", Phones: 4, Title: "Buses"}) || cards[1] != (Card{Locale: "ko-KR", Phones: 1, Title: "버스"}) {
		t.Errorf("phones would show %+v", cards)
	}
}
