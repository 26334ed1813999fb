package push

import "time"

// A Verdict is whether a device is to have a notice now. The zero Verdict lets it
// through.
type Verdict struct {
	// Drop says why it is not to have it at all, as a word for metrics; the notice
	// stays in the inbox.
	Drop string
	// Until is when to ask again, on the wall clock; zero is now.
	Until time.Time
	// Silent has it come without a sound.
	Silent bool
}

// A Report is what became of one notice on its way to one device.
type Report struct {
	Notice  Notice
	Device  Device
	Outcome Outcome // zero when nothing was sent
	Dropped string  // why nothing was sent; empty when something was
	Reason  string  // of the carrier, or our own word; no token, no text
	At      time.Time
}
