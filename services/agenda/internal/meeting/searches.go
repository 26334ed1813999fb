package meeting

import "time"

// A Search is one look for free slots: who looked, and for whose.
type Search struct {
	Actor string    `bson:"actor"` // as in Entry
	With  string    `bson:"with"`  // delegation
	Level string    `bson:"level"`
	At    time.Time `bson:"at"` // wall clock
}

// Searches are those of a delegation on one day.
type Searches struct {
	ID       string `bson:"_id"` // <conference>/<delegation>/<day>
	Revision int64  `bson:"revision"`
	Day      string `bson:"day"` // local date by the conference clock
	// Kept are the last ones, the newest first; Earlier is how many there were
	// before these.
	Kept    []Search `bson:"kept"`
	Earlier int      `bson:"earlier"`
}
