package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/shared/store"
)

// A Doubt is people of whom nobody can say whether they have heard the last that
// was filed for them of a session: what they know for certain is older.
type Doubt struct {
	Knows int64 // the revision they know for certain; 0 = none
	Who   []string
}

// A begunStep is who was in doubt when somebody began to tell a step. Whoever
// finishes it tells the same people the same.
type begunStep struct {
	To     int64    `bson:"to"`
	Knows  []int64  `bson:"knows"`
	People []string `bson:"people"` // of each, one a line: there may be thousands
}

// Begin notes who is in doubt as the step of a session from what its people were
// last told to a newer revision begins, and answers who was when it first began: a
// replica that finishes the step of another may know more or less by now. It is
// false when the step is told already.
func (l *Ledger) Begin(ctx context.Context, conference, session string, from, to int64, doubts []Doubt) ([]Doubt, bool, error) {
	id := conference + "/" + session
	begun := begunStep{To: to}
	for _, d := range doubts {
		begun.Knows, begun.People = append(begun.Knows, d.Knows), append(begun.People, strings.Join(d.Who, "\n"))
	}
	err := l.told.Update(ctx, id, bson.M{"revision": from, "step.to": bson.M{"$ne": to}}, bson.M{"$set": bson.M{"step": begun}})
	if err == nil {
		return doubts, true, nil
	}
	var t toldState
	if errors.Is(err, store.ErrStale) {
		err = l.told.Get(ctx, id, &t)
	}
	if errors.Is(err, store.ErrMissing) { // what is told was lost; telling it notes it anew
		return doubts, true, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("begin to tell %s: %w", session, err)
	}
	if t.Revision != from || t.Step == nil || t.Step.To != to {
		return nil, false, nil
	}
	doubts = nil
	for i, who := range t.Step.People {
		doubts = append(doubts, Doubt{t.Step.Knows[i], strings.Split(who, "\n")})
	}
	return doubts, true, nil
}
