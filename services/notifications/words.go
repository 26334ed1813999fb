package notifications

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/notifications/internal/wording"
)

// openWords reads the catalogues of texts, and counts what they lack.
func (s *Service) openWords(context.Context) (err error) {
	missing := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "plenary_wording_missing_total", Help: "Texts said in English because the catalogue of the language lacks them.",
	}, []string{"language"})
	if err = s.show(missing); err != nil {
		return err
	}
	s.words, err = wording.Open(func(language, _ string) { missing.WithLabelValues(language).Inc() })
	return err
}

// reader is who reads the news of a conference in a locale.
func (s *Service) reader(conference, locale string) wording.Reader {
	r := wording.Reader{Locale: locale}
	if l := s.mirror.Facts(conference).Languages; len(l) > 0 {
		r.First = l[0]
	}
	return r
}
