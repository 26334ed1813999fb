package meeting

import "time"

// A Block keeps meetings out of a room for a while.
type Block struct {
	ID         string    `bson:"_id"`
	Conference string    `bson:"conference"`
	Room       string    `bson:"room"`
	Start      time.Time `bson:"start"` // on the conference clock
	End        time.Time `bson:"end"`
	Reason     string    `bson:"reason,omitempty"`
	By         string    `bson:"by,omitempty"` // as Entry has its Actor
	At         time.Time `bson:"at"`           // wall clock
	State      string    `bson:"state"`
	// Attempt is what its claims are under: another one each time it is tried.
	Attempt  string    `bson:"attempt"`
	Deadline time.Time `bson:"deadline"` // of an open one, by the wall clock
}
