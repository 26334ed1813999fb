package fcmsandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// request is the body of messages:send, as far as FCM documents it. A member
// that is not here is refused, as FCM refuses it.
type request struct {
	ValidateOnly bool     `json:"validate_only"`
	Message      *message `json:"message"`
}

type message struct {
	Name         string            `json:"name"`
	Token        string            `json:"token"`
	Topic        string            `json:"topic"`
	Condition    string            `json:"condition"`
	Data         map[string]string `json:"data"`
	Notification *notification     `json:"notification"`
	Android      *android          `json:"android"`
	APNS         *apns             `json:"apns"`
	Webpush      *webpush          `json:"webpush"`
	FCMOptions   json.RawMessage   `json:"fcm_options"`
}

type notification struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Image string `json:"image"`
}

type android struct {
	CollapseKey           string               `json:"collapse_key"`
	Priority              string               `json:"priority"`
	TTL                   string               `json:"ttl"`
	RestrictedPackageName string               `json:"restricted_package_name"`
	Data                  map[string]string    `json:"data"`
	Notification          *androidNotification `json:"notification"`
	FCMOptions            json.RawMessage      `json:"fcm_options"`
	DirectBootOK          bool                 `json:"direct_boot_ok"`
	BandwidthConstrained  bool                 `json:"bandwidth_constrained_ok"`
	RestrictedSatelliteOK bool                 `json:"restricted_satellite_ok"`
}

// androidNotification names the members the sandbox looks at; the others are
// many, and harmless.
type androidNotification struct {
	Title     string `json:"title"`
	Body      string `json:"body"`
	Tag       string `json:"tag"`
	ChannelID string `json:"channel_id"`
	Sound     string `json:"sound"`
}

// UnmarshalJSON lets the members pass that the sandbox does not look at.
func (n *androidNotification) UnmarshalJSON(b []byte) error {
	type plain androidNotification
	return json.Unmarshal(b, (*plain)(n))
}

type apns struct {
	Headers    map[string]string          `json:"headers"`
	Payload    map[string]json.RawMessage `json:"payload"`
	FCMOptions json.RawMessage            `json:"fcm_options"`
}

// aps is what Apple reads of apns.payload.aps.
type aps struct {
	Alert             json.RawMessage `json:"alert"`
	ThreadID          string          `json:"thread-id"`
	MutableContent    int             `json:"mutable-content"`
	ContentAvailable  int             `json:"content-available"`
	InterruptionLevel string          `json:"interruption-level"`
	Sound             json.RawMessage `json:"sound"`
}

type webpush struct {
	Headers      map[string]string          `json:"headers"`
	Data         map[string]string          `json:"data"`
	Notification map[string]json.RawMessage `json:"notification"`
	FCMOptions   json.RawMessage            `json:"fcm_options"`
}

// decode reads one request and nothing behind it. The refusal says what FCM
// would say.
func decode(body []byte) (request, *refusal) {
	var r request
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(&r)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("data after the top-level value")
		}
	}
	if err == nil {
		return r, nil
	}
	field, say := "", "Invalid JSON payload received. "+err.Error()
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field, say = t.Field, "Invalid value at '"+t.Field+"' (TYPE_"+strings.ToUpper(t.Type.String())+"), "+t.Value
	} else if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		field, say = "message", "Invalid JSON payload received. Unknown name "+name+": Cannot find field."
	}
	return r, invalid(say, violation{field, say})
}
