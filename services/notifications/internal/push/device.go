package push

import (
	"fmt"
	"log/slog"
	"time"
)

// A Token is the address FCM gave an app installation. Whoever holds it can
// make the phone buzz, so it shows itself to nobody: logs and fmt see only its
// beginning.
type Token string

// String is enough to tell two devices apart in a complaint and too little to
// send to.
func (t Token) String() string {
	if len(t) <= 12 {
		return "…"
	}
	return fmt.Sprintf("%.6s…", string(t))
}

// LogValue keeps the token out of every log line, whoever writes it.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// A Platform is the kind of phone, and so the shape of its message.
type Platform string

// The platforms an app may register.
const (
	Android Platform = "android"
	IOS     Platform = "ios"
	Web     Platform = "web"
)

// System is the rendering of Android devices that ask the operating system to
// draw the card. All others get data, and the app draws it.
const System = "system"

// A Device is one app installation of one delegate. There is at most one
// active document per installation.
type Device struct {
	Installation string    `bson:"installation" json:"installation"` // chosen by the app
	Delegate     string    `bson:"delegate" json:"delegate"`
	Conference   string    `bson:"conference" json:"conference"`
	Token        Token     `bson:"token" json:"token"`
	Platform     Platform  `bson:"platform" json:"platform"`
	Locale       string    `bson:"locale" json:"locale"`             // BCP 47
	RegisteredAt time.Time `bson:"registeredAt" json:"registeredAt"` // wall clock
	Rendering    string    `bson:"rendering,omitempty" json:"rendering,omitempty"`
	// SignIn is the sign-in with which it was registered: when that ends, so does
	// this. Empty for one registered before anybody asked.
	SignIn string `bson:"signIn,omitempty" json:"signIn,omitempty"`
	// Zone is the IANA name of where the phone is; empty when it does not say.
	Zone string `bson:"zone,omitempty" json:"timezone,omitempty"`
	// SealKey is the public key its pushes are sealed to, in base64url; empty for
	// a device that takes them open.
	SealKey string `bson:"sealKey,omitempty" json:"sealKey,omitempty"`
}

// LogValue shows the installation and never the token or the person.
func (d Device) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("installation", d.Installation),
		slog.String("platform", string(d.Platform)),
		slog.Any("token", d.Token))
}
