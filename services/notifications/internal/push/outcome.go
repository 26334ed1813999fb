package push

import (
	"fmt"
	"time"
)

// An Outcome says what became of one push. The zero Outcome is none of them,
// so a forgotten assignment cannot pass for success.
type Outcome uint8

const (
	// Accepted: the carrier took it; the receipt clock starts.
	Accepted Outcome = iota + 1
	// Unregistered: the app is gone from the phone; forget the device.
	Unregistered
	// BadToken: it never was a token; forget the device.
	BadToken
	// SenderMismatch: the token belongs to another project; forget the device.
	SenderMismatch
	// BadPayload: our message is wrong; the device is innocent.
	BadPayload
	// Unauthenticated: the carrier does not know us; the device is innocent.
	Unauthenticated
	// PlatformAuth: the carrier may not speak to Apple or a browser in our name.
	PlatformAuth
	// WrongProject: there is no such project or URL.
	WrongProject
	// Throttled: too many; this device again later.
	Throttled
	// Unwell: the carrier failed before taking it; again with backoff.
	Unwell
	// Ambiguous: it may have been delivered; again, and the repeat is invisible.
	Ambiguous
)

var outcomes = [...]string{
	Accepted: "accepted", Unregistered: "unregistered", BadToken: "bad_token",
	SenderMismatch: "sender_mismatch", BadPayload: "bad_payload",
	Unauthenticated: "unauthenticated", PlatformAuth: "platform_auth",
	WrongProject: "wrong_project", Throttled: "throttled", Unwell: "unwell",
	Ambiguous: "ambiguous",
}

// Outcomes lists every outcome.
func Outcomes() []Outcome {
	all := make([]Outcome, 0, len(outcomes)-1)
	for o := Accepted; int(o) < len(outcomes); o++ {
		all = append(all, o)
	}
	return all
}

// String is the snake_case word used in metrics and logs.
func (o Outcome) String() string {
	if o == 0 || int(o) >= len(outcomes) {
		return fmt.Sprintf("outcome(%d)", uint8(o))
	}
	return outcomes[o]
}

// Forget tells whether the device's token is dead or not ours.
func (o Outcome) Forget() bool {
	return o == Unregistered || o == BadToken || o == SenderMismatch
}

// A Result is the carrier's answer to one push, judged.
type Result struct {
	Outcome    Outcome
	RetryAfter time.Duration // what the carrier asked for; 0 = it did not say
	Reason     string        // the carrier's code or our own word for it; no token, no text of the message
	NotSent    bool          // no request left this process, so no attempt is counted
}
