package wording

import "plenary.example/services/notifications/internal/push"

// Labels are the words on the buttons for those of the actions that have any:
// browsers cannot name a button by themselves as an app does.
func (w *Words) Labels(of []push.Action, r Reader) map[push.Action]string {
	c, said := w.find(r.Locale), map[push.Action]string{}
	for _, a := range of {
		if key := "action." + string(a); c.known(key) {
			said[a] = c.say(key, words{})
		}
	}
	return said
}

// Unsaid is the card that stands for any news: that there is some, and no more.
func (w *Words) Unsaid(r Reader) push.Text {
	title, body := w.telling(push.Notice{}, r).card("neutral.notice")
	return push.Text{Title: title, Body: body}
}
