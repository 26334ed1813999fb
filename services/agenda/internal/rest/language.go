package rest

import (
	"strings"

	"github.com/gofiber/fiber/v2/utils"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/text/language"

	"plenary.example/services/agenda/internal/programme"
)

// tongues chooses languages and remembers its choices: phones send few
// different headers, and matching one costs more than the rest of a read.
type tongues struct {
	chosen *lru.Cache[wish, string]
}

// A wish is a header and to whom it is made: facts of a conference, whose
// languages are others when the revision is another.
type wish struct {
	header     string
	conference string
	revision   int64
}

func newTongues() *tongues {
	c, _ := lru.New[wish, string](4096) // the error is for a size below one
	return &tongues{c}
}

// choose is the language of the conference that fits an Accept-Language header
// best; its first language when none does. The header may lie in a buffer that
// is used again.
func (t *tongues) choose(header []byte, c programme.Conference) string {
	if len(c.Languages) == 0 {
		return "en"
	}
	if len(header) == 0 || len(c.Languages) == 1 {
		return c.Languages[0]
	}
	w := wish{utils.UnsafeString(header), c.ID, c.Revision}
	if l, ok := t.chosen.Get(w); ok {
		return l
	}
	w.header = strings.Clone(w.header)
	tags := make([]language.Tag, len(c.Languages))
	for i, l := range c.Languages {
		tags[i] = language.Make(l)
	}
	_, index := language.MatchStrings(language.NewMatcher(tags), w.header)
	t.chosen.Add(w, c.Languages[index])
	return c.Languages[index]
}
