package programme

import "time"

// A Feed lets whoever knows its token read what a delegate has before them: a
// calendar cannot sign in.
type Feed struct {
	ID        string    `bson:"id"`
	Sum       []byte    `bson:"sum"` // SHA-256 of the secret in the token
	Language  string    `bson:"language"`
	CreatedAt time.Time `bson:"createdAt"` // wall clock
}

// A Followed is what the owner of a token may read, and of whom it is.
type Followed struct {
	Conference, Delegate, Language string
	Picks                          []Pick
	// Changed is when the delegate last picked or dropped something, or got or
	// ended a feed, by the wall clock.
	Changed time.Time
}

// A Gone is a session that is in the agenda no more, as it last was.
type Gone struct {
	Session Session
	Room    Room
	At      time.Time // when it left, by the wall clock
}
