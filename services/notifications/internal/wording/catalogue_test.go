package wording

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"plenary.example/services/notifications/internal/push"
)

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

func TestEveryCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	w := open(t)
	if len(w.Languages()) != 9 || w.Languages()[0] != (Language{"en", false}) {
		t.Errorf("the languages are %v", w.Languages())
	}
	want := w.catalogues[0].keys
	for _, c := range w.catalogues {
		if mark := c.keys["catalogue.machine"]; mark == nil || mark.Other != "yes" && mark.Other != "no" {
			t.Errorf("%s does not say whether a machine made it", c.tag)
		}
		for key := range c.keys {
			if want[key] == nil {
				t.Errorf("%s has %s, and English has not", c.tag, key)
			}
		}
		for key, m := range want {
			if c.keys[key] == nil {
				t.Errorf("%s lacks %s", c.tag, key)
				continue
			}
			counted := m.One != ""
			checkForms(t, c.tag, c.keys[key], counted)
			for form, text := range forms(c.keys[key]) {
				if got, want := named(text), named(m.Other); !slices.Equal(got, want) && !counted {
					t.Errorf("%s names %v in %s, where English names %v", c.tag, got, key, want)
				} else if extra := slices.DeleteFunc(got, func(p string) bool { return slices.Contains(want, p) }); len(extra) > 0 {
					t.Errorf("%s names %v in the form %q of %s", c.tag, extra, form, key)
				}
			}
		}
	}
}

// checkForms holds a text to the plural forms that numbers up to a thousand take
// in its language, and to no others.
func checkForms(t *testing.T, tag language.Tag, m *i18n.Message, counted bool) {
	t.Helper()
	need := map[plural.Form]bool{plural.Other: true}
	for n := range 1000 {
		if counted {
			need[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)] = true
		}
	}
	have := forms(m)
	for form := range need {
		if have[form] == "" {
			t.Errorf("%s lacks the plural form %d of %s", tag, form, m.ID)
		}
	}
	for form := range have {
		if !need[form] {
			t.Errorf("%s has a plural form %d of %s that no number takes", tag, form, m.ID)
		}
	}
}

func forms(m *i18n.Message) map[plural.Form]string {
	all := map[plural.Form]string{
		plural.Zero: m.Zero, plural.One: m.One, plural.Two: m.Two, plural.Few: m.Few, plural.Many: m.Many, plural.Other: m.Other,
	}
	maps.DeleteFunc(all, func(_ plural.Form, text string) bool { return text == "" })
	return all
}

// named are the placeholders of a text, each once, in order of their names.
func named(text string) []string {
	var all []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestWhatACatalogueLacksIsSaidInEnglishAndCounted(t *testing.T) {
	t.Parallel()
	var lacking []string
	w, err := Open(func(language, key string) { lacking = append(lacking, language+" "+key) })
	if err != nil {
		t.Fatal(err)
	}
	ko := w.find("ko")
	w.catalogues[0].tell(t, "session.tomorrow", "Tomorrow.")
	if s := ko.say("session.tomorrow", words{}); s != "Tomorrow." {
		t.Errorf("Korean says %q", s)
	}
	if s := ko.say("session.never", words{}); s != "" {
		t.Errorf("nobody says %q", s)
	}
	if !slices.Equal(lacking, []string{"ko session.tomorrow", "ko session.never"}) {
		t.Errorf("counted are %v", lacking)
	}
}

func (c *catalogue) tell(t *testing.T, key, text string) {
	t.Helper()
	if err := c.bundle.AddMessages(c.tag, &i18n.Message{ID: key, Other: text}); err != nil {
		t.Fatal(err)
	}
}

func TestALanguageIsNeverTakenForItsNeighbours(t *testing.T) {
	t.Parallel()
	w := open(t)
	for locale, want := range map[string]string{
		"": "en", "de": "en", "uk": "en", "ca-ES": "en", "af": "en", "not a locale": "en", "ko-KR": "ko", "zh-Hant-TW": "zh", "es-419": "es",
		"ar-EG": "ar", "nl-BE": "nl", "fr-CH, en;q=0.8": "fr", "uk, ru;q=0.5": "ru", "ja, hu;q=0.3, ko;q=0.5": "ko",
	} {
		if got := w.Language(locale); got != want {
			t.Errorf("%q is told in %s and not in %s", locale, got, want)
		}
	}
}

func TestEveryLanguageSaysWhenAndWhere(t *testing.T) {
	t.Parallel()
	w := open(t)
	n := moved(func(n *push.Notice) {
		n.After.Start, n.After.End = ten.Add(13*time.Hour), ten.Add(15*time.Hour)
		n.After.Reason = "Flood"
	})
	for locale, want := range map[string][2]string{
		"en": {"Moved: Cyber crime", "Now Thu 17 Oct 23:00–Fri 18 Oct 01:00 instead of Thu 17 Oct 10:00–11:00, Hall E. (Seoul time) Reason: Flood"},
		"fr": {"Déplacement\u00a0: Cyber crime", "Désormais\u00a0: jeu. 17 oct. 23:00 – ven. 18 oct. 01:00 au lieu de jeu. 17 oct. 10:00–11:00, Hall E. (heure locale\u00a0: Séoul) Motif\u00a0: Flood"},
		"es": {"Traslado: Cyber crime", "Ahora: jue., 17 oct. 23:00 – vie., 18 oct. 01:00 en lugar de jue., 17 oct. 10:00–11:00, Hall E. (hora local: Seúl) Motivo: Flood"},
		"ru": {"Перенос: Cyber crime", "Теперь: чт, 17 окт., 23:00 – пт, 18 окт., 01:00 вместо чт, 17 окт., 10:00–11:00, Hall E. (местное время: Сеул) Причина: Flood"},
		"ar": {"تغيير الموعد: \u2068Cyber crime\u2069", "الآن: من الخميس، 17 أكتوبر، 23:00 إلى الجمعة، 18 أكتوبر، 01:00 بدلاً من: الخميس، 17 أكتوبر، من 10:00 إلى 11:00، \u2068Hall E\u2069. (بتوقيت سول) السبب: \u2068Flood\u2069"},
		"zh": {"时间变更：Cyber crime", "时间由10月17日周四 10:00–11:00改为10月17日周四 23:00–10月18日周五 01:00，Hall E。（首尔时间）原因：Flood"},
		"ko": {"일정 변경: 사이버 범죄", "시간: 10월 17일(목) 10:00–11:00 → 10월 17일(목) 23:00–10월 18일(금) 01:00, Hall E. (서울 현지 시각) 사유: Flood"},
		"hu": {"Áthelyezve: Cyber crime", "Új időpont: okt. 17., Cs 23:00 – okt. 18., P 01:00 (okt. 17., Cs 10:00–11:00 helyett), Hall E. (helyi idő: Szöul) Indok: Flood"},
		"nl": {"Verplaatst: Cyber crime", "Nu do 17 okt. 23:00 – vr 18 okt. 01:00 in plaats van do 17 okt. 10:00–11:00, Hall E. (lokale tijd: Seoul) Reden: Flood"},
	} {
		title, body := w.Render(n, Reader{Locale: locale})
		if title != want[0] || body != want[1] {
			t.Errorf("\n got %q\n     %q\nwant %q\n     %q", title, body, want[0], want[1])
		}
	}
}

// The contract of pushes lists the kinds of news; each is said in words of its own.
func TestEveryCategoryOfTheContractHasWords(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../api-spec/push/data.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct{ Category struct{ Description string } }
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	listed := regexp.MustCompile(`[a-z_]+\.[a-z_]+`).FindAllString(schema.Properties.Category.Description, -1)
	if len(listed) < 30 {
		t.Fatalf("only %v are listed", listed)
	}
	en := open(t).catalogues[0]
	for _, category := range listed {
		name := strings.ReplaceAll(category, "sign_in.", "signin.")
		if !en.known("label."+name) && !en.known(name+".title") {
			t.Errorf("nothing is said of %s", category)
		}
	}
}
