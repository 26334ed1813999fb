package announce

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/problem"
)

const (
	// shareOf and holdFrom say from when on a person must type how many it reaches:
	// more than one in five of all, and at least ten.
	shareOf  = 5
	holdFrom = 10
	// slackOf is one in how many a typed number may be off: people come and go while
	// somebody types.
	slackOf = 20
	// late is how long ago a time may be that somebody has just typed, and how long
	// after its time an announcement is still sent in time.
	late = time.Minute
	// furthest is how far ahead a time may be: nobody plans further, and beyond the
	// reach of the bus's clock an alarm rings at once.
	furthest = 2 * 365 * 24 * time.Hour
	// mostTexts is in how many languages one may be.
	mostTexts = 20
)

func invalid(pointer, code, detail string) error {
	return problem.New(problem.Invalid, code, "%s", detail).With(problem.Field{Pointer: pointer, Code: code, Detail: detail})
}

// checked is d with its languages spelled as everywhere, or why it cannot be.
// native is the conference's first language, empty when it has not said; now is
// on the conference clock.
func (d Draft) checked(native string, now time.Time) (Draft, error) {
	texts := make(map[string]push.Text, len(d.Texts))
	for tag, t := range d.Texts {
		l, err := language.Parse(tag)
		if err != nil || l == language.Und {
			return d, invalid("/texts/"+pointed(tag), "language_unknown", "This is not a BCP 47 language tag.")
		}
		if _, twice := texts[l.String()]; twice {
			return d, invalid("/texts/"+pointed(tag), "language_unknown", "There is another text in this language.")
		}
		texts[l.String()] = t
		if err := checkText(t, "/texts/"+pointed(tag)); err != nil {
			return d, err
		}
	}
	d.Texts = texts
	if _, ok := texts[native]; native != "" && !ok || len(texts) == 0 {
		return d, invalid("/texts", "language_missing", "There must be a text in the first language of the conference, for whoever reads none of the others.")
	}
	switch {
	case len(texts) > mostTexts:
		return d, invalid("/texts", "too_many_languages", "There may be 20 languages.")
	case d.Audience.empty():
		return d, invalid("/audience", "audience_empty", "Say whom it is for.")
	case !d.SendAt.IsZero() && d.SendAt.Before(now.Add(-late)):
		return d, invalid("/sendAt", "in_the_past", "This has passed on the conference clock.")
	case !d.AcknowledgeBy.IsZero() && (!d.AcknowledgeBy.After(d.SendAt) || !d.AcknowledgeBy.After(now)):
		return d, invalid("/acknowledgeBy", "in_the_past", "This must be after it is sent.")
	case d.SendAt.After(now.Add(furthest)):
		return d, invalid("/sendAt", "too_far_ahead", "This is more than two years ahead.")
	case d.AcknowledgeBy.After(now.Add(furthest)):
		return d, invalid("/acknowledgeBy", "too_far_ahead", "This is more than two years ahead.")
	}
	return d, nil
}

func checkText(t push.Text, pointer string) error {
	for _, part := range []struct{ name, text string }{{"/title", t.Title}, {"/body", t.Body}} {
		switch {
		case blank(part.text):
			return invalid(pointer+part.name, "empty_text", "There is nothing to read in this.")
		case deceives(part.text), part.name == "/title" && strings.Contains(part.text, "\n"):
			return invalid(pointer+part.name, "forbidden_character", "Control characters and direction overrides are not accepted here.")
		}
	}
	return nil
}

// pointed is a member's name as RFC 6901 writes it.
func pointed(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// first is the language for readers of none of the texts.
func (d Draft) first(native string) string {
	if native != "" {
		return native
	}
	least := ""
	for tag := range d.Texts {
		if least == "" || tag < least {
			least = tag
		}
	}
	return least
}

// deceives says whether somebody could read a text other than it is, or cannot
// see that it is there: a control character or an override of the direction.
func deceives(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		switch r {
		case '\n':
			return false
		case '\u202d', '\u202e', '\u2028', '\u2029', '\ufffe', '\uffff', unicode.ReplacementChar:
			return true
		}
		return unicode.IsControl(r)
	})
}

func blank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Mn, r)
	})
}

// confirms refuses to reach many until a person has typed how many that are.
func confirms(reached Reach, typed *int) error {
	if !reached.Held || typed != nil && max(*typed-reached.People, reached.People-*typed) <= reached.People/slackOf {
		return nil
	}
	refusal := problem.New(problem.PreconditionRequired, "confirmation_required", "This reaches very many. Confirm it with the number of people.")
	if typed != nil {
		refusal = problem.New(problem.Conflict, "count_changed", "This is not how many it reaches now. Look again.")
	}
	return refusal.With(problem.Field{Pointer: "/confirm", Code: refusal.Code, Detail: refusal.Detail, Params: map[string]string{
		"people": strconv.Itoa(reached.People), "phones": strconv.Itoa(reached.Phones),
	}})
}

// held says whether reaching so many of all takes a typed number.
func held(people, all int) bool { return people >= holdFrom && people*shareOf > all }
