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
}

// Left is what a delegate had in front of them, or could have, and has no more.
type Left struct {
	// Gone are the sessions that are in the agenda no more, and Lost those in
	// which the delegate lost a part at some time; by id.
	Gone map[string]Gone
	Lost map[string]Lost
}

// A Lost is a session in which a delegate had a part and lost it, as it was when
// they last had one. At is when they lost it.
type Lost struct {
	Gone
	// Steps is how often they lost a part in it or got one back, and Back whether
	// the last step was that.
	Steps int64
	Back  bool
}

// A Gone is a session that is in the agenda no more, as it last was.
type Gone struct {
	Session Session
	Room    Room
	At      time.Time // when it left, by the wall clock
}
