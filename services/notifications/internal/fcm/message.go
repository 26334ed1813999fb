package fcm

import (
	"errors"
	"maps"
	"strconv"
	"time"

	"firebase.google.com/go/v4/messaging"

	"plenary.example/services/notifications/internal/push"
)

// FCM and APNs take 4,096 bytes. What is ours must fit the rest; overhead is
// the frame of the largest form, counted generously.
const (
	maxPayload = 4096
	overhead   = 700
	maxTitle   = 400 // bytes; the screen shows a tenth of it
)

// build gives the message the shape of its platform, below 4 KB: the body is
// cut where a character ends. Data that does not fit is an error, ours.
func build(m push.Message, now time.Time) (*messaging.Message, error) {
	m.Title = push.Cut(m.Title, maxTitle)
	room := maxPayload - overhead - push.Size(m.Title)
	for _, label := range m.Labels {
		room -= push.Size(label)
	}
	for k, v := range m.Data {
		room -= push.Size(k) + push.Size(v) + 1
	}
	if room < 0 {
		return nil, errors.New("data over 4 KB")
	}
	m.Body = push.Cut(m.Body, room)
	out := &messaging.Message{Token: string(m.Device.Token), Data: maps.Clone(m.Data)}
	if out.Data == nil {
		out.Data = map[string]string{}
	}
	if m.Silent {
		out.Data["silent"] = "true"
	}
	ttl := whole(m.TTL)
	switch m.Device.Platform {
	case push.IOS:
		out.APNS = ios(m, ttl, now)
	case push.Web:
		out.Webpush = web(m, ttl)
	case push.Android:
		draw(out, m, ttl)
	default: // a platform of tomorrow reads data, and costs nobody else the news
		draw(out, m, ttl)
	}
	return out, nil
}

// draw leaves the card to the app, unless the system is to draw it.
func draw(out *messaging.Message, m push.Message, ttl time.Duration) {
	out.Android = android(m, ttl)
	if out.Android.Notification == nil {
		out.Data["title"], out.Data["body"], out.Data["channel"] = m.Title, m.Body, m.Channel()
	}
}

// android is high-priority data the app draws, or a card of the system's. The
// collapse key stays unset: FCM keeps four of them for a device, and the tag
// replaces without that limit.
func android(m push.Message, ttl time.Duration) *messaging.AndroidConfig {
	a := &messaging.AndroidConfig{Priority: "high", TTL: &ttl}
	if m.Device.Rendering == push.System {
		a.Notification = &messaging.AndroidNotification{
			Title: m.Title, Body: m.Body, Tag: m.Tag, ChannelID: m.Channel(), EventTimestamp: moment(m.At),
		}
	}
	return a
}

// moment is nil for no time at all.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// ios is an alert the app's extension may change before it is shown.
func ios(m push.Message, ttl time.Duration, now time.Time) *messaging.APNSConfig {
	aps := &messaging.Aps{
		Alert:          &messaging.ApsAlert{Title: m.Title, Body: m.Body},
		MutableContent: true,
		ThreadID:       m.Thread,
		Category:       m.Set,
	}
	priority, level := "10", "active"
	switch {
	case m.Silent:
		priority, level = "5", "passive"
	case m.Urgency == push.Urgent:
		level = "time-sensitive"
	}
	if !m.Silent {
		aps.Sound = "default"
	}
	aps.CustomData = map[string]any{"interruption-level": level}
	return &messaging.APNSConfig{
		Headers: map[string]string{
			"apns-push-type":   "alert",
			"apns-priority":    priority,
			"apns-collapse-id": m.Tag,
			"apns-expiration":  strconv.FormatInt(now.Add(ttl).Unix(), 10),
		},
		Payload: &messaging.APNSPayload{Aps: aps},
	}
}

func web(m push.Message, ttl time.Duration) *messaging.WebpushConfig {
	urgency := "high"
	if m.Urgency == push.Routine || m.Silent {
		urgency = "normal"
	}
	card := &messaging.WebpushNotification{
		Title: m.Title, Body: m.Body, Tag: m.Tag, Renotify: !m.Silent, Silent: m.Silent,
		RequireInteraction: m.Urgency == push.Urgent && !m.Silent,
	}
	if !m.At.IsZero() {
		at := m.At.UnixMilli()
		card.TimestampMillis = &at
	}
	for _, b := range m.Buttons {
		if label := m.Labels[b]; label != "" && b != push.Open { // to open is what a click does
			card.Actions = append(card.Actions, &messaging.WebpushNotificationAction{Action: string(b), Title: label})
		}
	}
	return &messaging.WebpushConfig{
		Headers: map[string]string{
			"TTL":     strconv.FormatInt(int64(ttl/time.Second), 10),
			"Urgency": urgency,
		},
		Notification: card,
	}
}
