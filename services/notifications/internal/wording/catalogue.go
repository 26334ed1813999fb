package wording

import (
	"embed"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/go-playground/locales"
	"github.com/go-playground/locales/ar"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/hu"
	"github.com/go-playground/locales/ko"
	"github.com/go-playground/locales/nl"
	"github.com/go-playground/locales/ru"
	"github.com/go-playground/locales/zh"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"plenary.example/services/notifications/internal/push"
)

//go:embed catalogues/*.toml
var files embed.FS

// languages are those there are catalogues for, with what CLDR calls their days
// and months; the first is the one to fall back on.
func languages() []locales.Translator {
	return []locales.Translator{
		en.New(), fr.New(), es.New(), ru.New(), ar.New(), zh.New(), ko.New(), hu.New(), nl.New(),
	}
}

// Words are the catalogues. They may be used by any number of goroutines.
type Words struct {
	catalogues []*catalogue
	zones      sync.Map // IANA name -> *time.Location: loading one reads a file
	lately     *lru.Cache[rendered, push.Text]
}

// kept is how many texts are kept: some ten megabytes of them.
const kept = 16384

// A catalogue is one language.
type catalogue struct {
	tag     language.Tag
	keys    map[string]*i18n.Message // its own
	english map[string]*i18n.Message
	bundle  *i18n.Bundle
	machine bool
	rtl     bool
	dates   locales.Translator
	names   display.Namer
	local   *i18n.Localizer
	cities  map[string]map[string]string // by IANA zone, then language
	missing func(language, key string)
	// between are what stands between two sentences, names and slots.
	between struct{ sentences, names, slots string }
}

// words are what templates of catalogues may name. All text in it that people
// wrote has been through foreign.
type words struct {
	Weekday, Month                        string
	Day, Count                            int
	Date, EndDate, Time, EndTime          string
	Slot, WasSlot, Room, WasRoom          string
	Place, WasPlace                       string
	Title, Label, Reason, Languages, City string
	Slots, Moment                         string
	A, B                                  string
}

// Open reads the catalogues. missing, which may be nil, is told of every text
// that a language lacks and that is said in English instead.
func Open(missing func(language, key string)) (*Words, error) {
	if missing == nil {
		missing = func(string, string) {}
	}
	lately, err := lru.New[rendered, push.Text](kept)
	if err != nil {
		return nil, fmt.Errorf("texts: %w", err)
	}
	cities, err := zones()
	if err != nil {
		return nil, err
	}
	w := &Words{lately: lately}
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	for _, dates := range languages() {
		name := "catalogues/" + dates.Locale() + ".toml"
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
		file, err := bundle.ParseMessageFileBytes(data, name)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		c := &catalogue{
			tag: file.Tag, keys: map[string]*i18n.Message{}, dates: dates, names: display.Tags(file.Tag), missing: missing, bundle: bundle, cities: cities,
		}
		for _, m := range file.Messages {
			c.keys[m.ID] = m
		}
		c.machine = c.keys["catalogue.machine"] != nil && c.keys["catalogue.machine"].Other == "yes"
		script, _ := c.tag.Script()
		c.rtl = script.String() == "Arab" || script.String() == "Hebr"
		w.catalogues = append(w.catalogues, c)
	}
	for _, c := range w.catalogues { // the bundle is whole
		c.english = w.catalogues[0].keys
		c.local = i18n.NewLocalizer(bundle, c.tag.String())
		c.between.sentences = c.say("form.sentences", words{})
		c.between.names = c.say("form.names", words{})
		c.between.slots = c.say("form.slots", words{})
	}
	return w, nil
}

// zones are what cities are called in the languages there are.
func zones() (cities map[string]map[string]string, err error) {
	data, err := files.ReadFile("catalogues/zones.toml")
	if err != nil {
		return nil, fmt.Errorf("zones: %w", err)
	}
	if err = toml.Unmarshal(data, &cities); err != nil {
		return nil, fmt.Errorf("zones: %w", err)
	}
	return cities, nil
}

// A Language is one that texts come in.
type Language struct {
	Tag     string // BCP 47
	Machine bool   // no native speaker has read the catalogue yet
}

// Languages are those that texts come in; the first is the one to fall back on.
func (w *Words) Languages() []Language {
	all := make([]Language, 0, len(w.catalogues))
	for _, c := range w.catalogues {
		all = append(all, Language{c.tag.String(), c.machine})
	}
	return all
}

// find is the catalogue for the first language of a locale that has one. A
// language is never taken for a neighbour's: who reads Ukrainian has not asked
// for Russian.
func (w *Words) find(locale string) *catalogue {
	for _, tag := range parse(locale) {
		for _, c := range w.catalogues {
			if base(c.tag) == base(tag) {
				return c
			}
		}
	}
	return w.catalogues[0]
}

// parse is empty for what is not a locale.
func parse(locale string) []language.Tag {
	tags, _, err := language.ParseAcceptLanguage(locale)
	if err != nil {
		return nil
	}
	return tags
}

// zone is UTC for a name this machine does not know.
func (w *Words) zone(iana string) *time.Location {
	if loc, ok := w.zones.Load(iana); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(iana)
	if err != nil {
		return time.UTC
	}
	w.zones.Store(iana, loc)
	return loc
}

// say is the text of a key, in English where the catalogue has none.
func (c *catalogue) say(key string, x words) string {
	return c.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: x})
}

// count is the text of a key in the plural form of n, which it may name as Count.
func (c *catalogue) count(key string, n int, x words) string {
	x.Count = n
	return c.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: x, PluralCount: n})
}

func (c *catalogue) localize(what *i18n.LocalizeConfig) string {
	text, err := c.local.Localize(what)
	if err != nil { // whatever it is, the text is the best there is
		c.missing(c.tag.String(), what.MessageID)
	}
	return text
}

// known says whether there is such a text: what has no key is said with another.
func (c *catalogue) known(key string) bool { return c.english[key] != nil }

func (c *catalogue) sentences(said ...string) string { return joined(c.between.sentences, said) }

func joined(between string, parts []string) string {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(between)
		}
		b.WriteString(p)
	}
	return b.String()
}
