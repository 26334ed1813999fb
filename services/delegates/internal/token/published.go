package token

import (
	"slices"
	"time"
)

// A key whose replicas say nothing for keyKept is taken away. They say something
// every Republish; a token of theirs is good for AccessLife; the rest is for
// clocks that differ and a replica that was held up.
const (
	Republish = 10 * time.Minute
	keyKept   = 45 * time.Minute
)

// Published are the public keys of all replicas together, which differ while a
// secret is being replaced. Each replica adds its own and stamps them; nobody
// takes away what another may still sign with, so the order in which replicas
// start, and with which settings, does not matter.
//
// The price: a secret that has leaked is believed for keyKept after the last
// replica that had it, unless the document is removed while all are stopped.
type Published struct {
	ID       string         `bson:"_id"`
	Revision int64          `bson:"revision"`
	Keys     []PublishedKey `bson:"keys"` // the newest first
}

// PublishedKey is the public half of a signing key.
type PublishedKey struct {
	ID     string    `bson:"id"`
	X      string    `bson:"x"` // base64url
	SeenAt time.Time `bson:"seenAt"`
}

// With is p with the keys of a replica stamped, and without those that nobody
// has any more. Keys keep their places, so that the set reads the same whoever
// writes it; new ones come first.
func (p Published) With(own *Keys, now time.Time) Published {
	stamped := p
	stamped.Keys = nil
	set := own.JWKS().Keys
	for _, k := range set {
		if !slices.ContainsFunc(p.Keys, func(o PublishedKey) bool { return o.ID == k.ID }) {
			stamped.Keys = append(stamped.Keys, PublishedKey{ID: k.ID, X: k.X, SeenAt: now})
		}
	}
	for _, k := range p.Keys {
		if slices.ContainsFunc(set, func(o JWK) bool { return o.ID == k.ID }) && now.After(k.SeenAt) {
			k.SeenAt = now
		}
		if now.Sub(k.SeenAt) < keyKept {
			stamped.Keys = append(stamped.Keys, k)
		}
	}
	// The revision is that of the bus too, where it once was the time.
	stamped.Revision = max(p.Revision+1, now.UnixMilli())
	return stamped
}

// JWKS lists the keys as others read them.
func (p Published) JWKS() JWKS {
	set := JWKS{Keys: make([]JWK, 0, len(p.Keys))}
	for _, k := range p.Keys {
		set.Keys = append(set.Keys, jwk(k.ID, k.X))
	}
	return set
}
