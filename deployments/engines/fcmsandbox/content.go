package fcmsandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
)

// A content is a message without its token. A notice to 2,100 phones is one
// content per language, so that memory and journal hold the text once.
type content struct {
	id      int64
	key     string // what arrived, less the token
	raw     json.RawMessage
	refs    int  // messages kept that have it
	filed   bool // the journal defines it
	look    look
	message message
}

// A look is what the owner of the phone sees of a message, and what the app
// reads of it.
type look struct {
	platform string
	tag      string
	noticeID string
	revision int64
	title    string
	body     string
	category string
	silent   bool
}

// newContent reads the request body text, in which the token may be missing.
func newContent(id int64, text []byte) (*content, error) {
	var flat bytes.Buffer
	if err := json.Compact(&flat, text); err != nil {
		return nil, err
	}
	var r struct {
		Message json.RawMessage `json:"message"`
	}
	if err := json.Unmarshal(flat.Bytes(), &r); err != nil {
		return nil, err
	}
	c := &content{id: id, key: string(text), raw: r.Message}
	if err := json.Unmarshal(r.Message, &c.message); err != nil {
		return nil, err
	}
	c.look = c.message.look()
	return c, nil
}

func (m *message) look() look {
	l := look{platform: "android", noticeID: m.Data["noticeId"], category: m.Data["category"], silent: m.Data["silent"] == "true"}
	l.revision, _ = strconv.ParseInt(m.Data["revision"], 10, 64)
	if n := m.Notification; n != nil {
		l.title, l.body = n.Title, n.Body
	}
	switch {
	case m.APNS != nil && m.Android == nil:
		l.platform, l.tag = "ios", header(m.APNS.Headers, "apns-collapse-id")
		var a aps
		_ = json.Unmarshal(m.APNS.Payload["aps"], &a) // validated when it arrived
		var alert notification
		if json.Unmarshal(a.Alert, &alert) != nil {
			_ = json.Unmarshal(a.Alert, &alert.Body) // an alert may be a plain string
		}
		l.title, l.body = cmp.Or(alert.Title, l.title), cmp.Or(alert.Body, l.body)
		l.silent = l.silent || a.InterruptionLevel == "passive"
	case m.Webpush != nil && m.Android == nil:
		l.platform = "web"
		l.title = cmp.Or(text(m.Webpush.Notification["title"]), l.title)
		l.body = cmp.Or(text(m.Webpush.Notification["body"]), l.body)
		l.tag = text(m.Webpush.Notification["tag"])
	case m.Android != nil && m.Android.Notification != nil:
		n := m.Android.Notification
		l.title, l.body, l.tag = cmp.Or(n.Title, l.title), cmp.Or(n.Body, l.body), n.Tag
	}
	l.title = cmp.Or(l.title, m.Data["title"]) // a data message: the app draws it
	l.body = cmp.Or(l.body, m.Data["body"])
	l.tag = cmp.Or(l.tag, m.Data["tag"])
	return l
}

func header(h map[string]string, name string) string {
	for k, v := range h {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // not a string: nothing to show
	return s
}

// cut appends the request body without the value of its token to room.
func cut(room, body []byte, token string) []byte {
	var quoted [512]byte
	q := append(quoted[:0], '"')
	q = append(q, token...)
	q = append(q, '"')
	i := bytes.Index(body, q)
	if i < 0 {
		return append(room, body...)
	}
	room = append(room, body[:i+1]...)
	return append(room, body[i+len(q)-1:]...)
}
