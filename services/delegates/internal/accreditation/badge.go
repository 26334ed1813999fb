package accreditation

import (
	"strings"
	"time"
)

// CodeLife is how long an activation code is good for unless somebody says
// otherwise.
const CodeLife = 60 * 24 * time.Hour

// An Accreditation is one number on a badge and what opens with it. Of the codes
// only hashes are kept.
type Accreditation struct {
	ID         string `bson:"_id"` // see ID
	Conference string `bson:"conference"`
	Delegate   string `bson:"delegate"`
	// Hash is of a sample code, if Sample is set. Sample codes come with a sample
	// conference: they may be used any number of times, and only where sandbox
	// manners are allowed.
	Hash   []byte `bson:"hash"`
	Sample bool   `bson:"sample"`
	// Code is the hash of the single-use code that was issued last; every issue
	// takes the place of the one before. Empty when none was.
	Code []byte `bson:"code"`
	// Issue says which one Code is; empty for one that came with a seed.
	Issue     string    `bson:"issue"`
	ExpiresAt time.Time `bson:"expiresAt"` // of Code; zero means never
	Used      string    `bson:"used"`      // the sign-in that used Code up; empty before
	// UsedAt is when a code was last used up, also when another was issued since.
	UsedAt time.Time `bson:"usedAt"`
}

// usable says whether the single-use code of a still opens something.
func (a Accreditation) usable(now time.Time) bool {
	return a.Used == "" && (a.ExpiresAt.IsZero() || now.Before(a.ExpiresAt))
}

// ID is the key of an accreditation number of a conference, however it is typed.
func ID(conference, number string) string {
	return conference + "/" + strings.ToUpper(strings.Join(strings.Fields(number), ""))
}
