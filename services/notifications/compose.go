package notifications

import (
	"cmp"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/seal"
)

// compose puts a notice into the message for one device: in the language its
// reader chose, else in its own, as much of it as they want on a lock screen, and
// sealed where the device asks for that.
func (s *Service) compose(n push.Notice, d push.Device) push.Message {
	n = s.stillLeft(n)
	p := s.prefs.Of(n.Conference, d.Delegate)
	reader := s.reader(n.Conference, cmp.Or(p.Language, d.Locale))
	reader.Neutral, reader.Quiet = p.Neutral, s.gate.Despite(n, d)
	title, body := s.words.Render(n, reader)
	m := push.Compose(n, d, title, body, s.cfg.Now())
	if d.Platform == push.Web { // apps name their buttons themselves
		m.Labels = s.words.Labels(m.Buttons, reader)
	}
	if d.SealKey == "" {
		return m
	}
	sealed, err := seal.Seal(m, s.words.Unsaid(reader))
	if err != nil { // the phone hears that there is news, and reads it in the inbox
		s.log.Error("push not sealed", "device", d, "err", err)
	}
	return sealed
}
