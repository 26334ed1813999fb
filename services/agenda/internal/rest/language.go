package rest

import (
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/text/language"
)

// tongues chooses languages and remembers its choices: phones send few
// different headers, and matching one costs more than the rest of a read.
type tongues struct {
	chosen *lru.Cache[wish, string]
}

type wish struct {
	header    string
	languages string
}

func newTongues() *tongues {
	c, _ := lru.New[wish, string](4096) // the error is for a size below one
	return &tongues{c}
}

// choose is the language of the conference that fits an Accept-Language header
// best; its first language when none does.
func (t *tongues) choose(header *string, languages []string) string {
	if len(languages) == 0 {
		return "en"
	}
	if header == nil || len(languages) == 1 {
		return languages[0]
	}
	w := wish{*header, ""}
	for _, l := range languages {
		w.languages += l + ","
	}
	if l, ok := t.chosen.Get(w); ok {
		return l
	}
	tags := make([]language.Tag, len(languages))
	for i, l := range languages {
		tags[i] = language.Make(l)
	}
	_, index := language.MatchStrings(language.NewMatcher(tags), *header)
	t.chosen.Add(w, languages[index])
	return languages[index]
}
