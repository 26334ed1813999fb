package fcmsandbox

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MaxPayload is the largest message FCM and APNs take, in bytes.
const MaxPayload = 4096

var (
	ttlText = regexp.MustCompile(`^(\d{1,9})(\.\d{1,9})?s$`)
	fourW   = 28 * 24 * 3600
)

// validate refuses what FCM refuses. The first fault speaks; FCM too names one
// at a time.
func (m *message) validate() *refusal {
	if m == nil {
		return invalid("The message is not set.", violation{"message", "The message is not set."})
	}
	targets := 0
	for _, t := range []string{m.Token, m.Topic, m.Condition} {
		if t != "" {
			targets++
		}
	}
	switch {
	case targets == 0:
		return invalid("Recipient of the message is not set.", violation{"message", "Recipient of the message is not set."})
	case targets > 1:
		return invalid("oneof field 'target' is already set.", violation{"message", "oneof field 'target' is already set."})
	case m.Token != "" && !plausible(m.Token):
		return &refusal{
			status: 400, rpc: "INVALID_ARGUMENT", fcm: "INVALID_ARGUMENT",
			say: "The registration token is not a valid FCM registration token",
		}
	}
	for _, check := range []func() []violation{m.dataFaults, m.androidFaults, m.apnsFaults, m.webpushFaults, m.sizeFaults} {
		if v := check(); len(v) > 0 {
			return invalid(v[0].Description, v...)
		}
	}
	return nil
}

// plausible tells whether a token could be one: FCM's are URL-safe base64 with
// a colon.
func plausible(token string) bool {
	if len(token) > 4096 {
		return false
	}
	for i := range len(token) {
		c := token[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(":-_.", c) >= 0) {
			return false
		}
	}
	return true
}

func (m *message) dataFaults() []violation {
	var v []violation
	for k := range m.Data {
		if k == "" || k == "from" || k == "message_type" || k == "notification" ||
			strings.HasPrefix(k, "google.") || strings.HasPrefix(k, "gcm.") {
			v = append(v, violation{"message.data[" + k + "]", "Invalid data payload key: " + k})
		}
	}
	return v
}

func (m *message) androidFaults() []violation {
	a := m.Android
	if a == nil {
		return nil
	}
	var v []violation
	if p := strings.ToLower(a.Priority); p != "" && p != "normal" && p != "high" {
		v = append(v, violation{"message.android.priority", "Invalid value at 'message.android.priority'"})
	}
	if a.TTL != "" && !validTTL(a.TTL) {
		v = append(v, violation{"message.android.ttl", "Invalid TTL: must be 0 to 2419200 seconds"})
	}
	return v
}

func validTTL(ttl string) bool {
	p := ttlText.FindStringSubmatch(ttl)
	if p == nil {
		return false
	}
	s, err := strconv.Atoi(p[1])
	return err == nil && s <= fourW
}

func (m *message) apnsFaults() []violation {
	if m.APNS == nil {
		return nil
	}
	var v []violation
	for k, val := range m.APNS.Headers {
		ok := true
		switch strings.ToLower(k) {
		case "apns-priority":
			ok = val == "10" || val == "5" || val == "1"
		case "apns-collapse-id":
			ok = len(val) <= 64
		case "apns-expiration":
			_, err := strconv.ParseUint(val, 10, 63)
			ok = err == nil
		case "apns-push-type":
			ok = slices.Contains([]string{"alert", "background", "location", "voip", "liveactivity", "pushtotalk"}, val)
		}
		if !ok {
			v = append(v, violation{"message.apns.headers[" + k + "]", "Invalid APNs header " + k})
		}
	}
	if raw, ok := m.APNS.Payload["aps"]; ok {
		var a aps
		if err := json.Unmarshal(raw, &a); err != nil {
			v = append(v, violation{"message.apns.payload.aps", "Invalid APNs payload: " + err.Error()})
		}
	} else if m.APNS.Payload != nil {
		v = append(v, violation{"message.apns.payload", "The APNs payload has no aps dictionary"})
	}
	return v
}

func (m *message) webpushFaults() []violation {
	if m.Webpush == nil {
		return nil
	}
	var v []violation
	if ttl, ok := m.Webpush.Headers["TTL"]; ok {
		if s, err := strconv.Atoi(ttl); err != nil || s < 0 || s > fourW {
			v = append(v, violation{"message.webpush.headers[TTL]", "Invalid TTL header"})
		}
	}
	if u, ok := m.Webpush.Headers["Urgency"]; ok && !slices.Contains([]string{"very-low", "low", "normal", "high"}, u) {
		v = append(v, violation{"message.webpush.headers[Urgency]", "Invalid Urgency header"})
	}
	return v
}

// sizeFaults measures what travels to the phone: the largest of what each
// platform would get.
func (m *message) sizeFaults() []violation {
	common := textSize(m.Data)
	if n := m.Notification; n != nil {
		common += len(n.Title) + len(n.Body) + len(n.Image)
	}
	size := common
	if a := m.Android; a != nil {
		s := common + textSize(a.Data)
		if n := a.Notification; n != nil {
			s += len(n.Title) + len(n.Body) + len(n.Tag) + len(n.ChannelID)
		}
		size = max(size, s)
	}
	if p := m.APNS; p != nil {
		s := common
		for k, raw := range p.Payload {
			s += len(k) + len(raw) + 4
		}
		size = max(size, s)
	}
	if w := m.Webpush; w != nil {
		s := common + textSize(w.Data)
		for k, raw := range w.Notification {
			s += len(k) + len(raw) + 4
		}
		size = max(size, s)
	}
	if size > MaxPayload {
		return []violation{{"message", "Message is too big: " + strconv.Itoa(size) + " bytes"}}
	}
	return nil
}

func textSize(m map[string]string) int {
	n := 0
	for k, v := range m {
		n += len(k) + len(v)
	}
	return n
}
