package event

import "time"

// Statuses of a delegate. Whoever is not accredited can do nothing and is told
// nothing. The set may grow.
const (
	Accredited  = "accredited"
	Removed     = "removed"
	Substituted = "substituted"
	Erased      = "erased"
)

// DelegateChanged tells that one person's record changed: by hand, by an
// import, or because somebody took their seat. It says which fields, never what
// is in them: whoever shows names asks for them (see Lookup). People who arrive
// by an import are in their state messages and in PeopleImported only.
type DelegateChanged struct {
	Delegate   string `json:"delegate"`
	Delegation string `json:"delegation"`
	// Fields names what differs; "created" for somebody new. The set may grow.
	Fields []string `json:"fields"`
	Status string   `json:"status"`
	Roles  []string `json:"roles"`
	// Rights counts the changes of what the person may do. An access token that
	// carries a lower number is no good any more.
	Rights int64 `json:"rights"`
}

// Type implements Payload.
func (DelegateChanged) Type() string { return "delegates.delegate.changed.v1" }

// DelegateSubstituted tells that a deputy has taken the seat of a person of the
// same delegation. Whoever left it is told nothing more, on any device.
type DelegateSubstituted struct {
	Substitution string    `json:"substitution"`
	Delegation   string    `json:"delegation"`
	Delegate     string    `json:"delegate"` // who left the seat
	Deputy       string    `json:"deputy"`   // who has it now
	From         time.Time `json:"from"`     // on the conference clock
}

// Type implements Payload.
func (DelegateSubstituted) Type() string { return "delegates.delegate.substituted.v1" }

// DelegateErased tells that a person's data is to be forgotten everywhere. The
// id stays, so that counts stay true; it leads to nobody.
type DelegateErased struct {
	Delegate string `json:"delegate"`
}

// Type implements Payload.
func (DelegateErased) Type() string { return "delegates.delegate.erased.v1" }

// DelegationChanged tells that the record of a delegation changed.
type DelegationChanged struct {
	Delegation string   `json:"delegation"`
	Fields     []string `json:"fields"`
	Status     string   `json:"status"` // Accredited or Removed
}

// Type implements Payload.
func (DelegationChanged) Type() string { return "delegates.delegation.changed.v1" }

// SignInEnded tells that a sign-in is over: its access tokens are no good any
// more, and a phone that registered with it gets nothing more.
type SignInEnded struct {
	Delegate string `json:"delegate"`
	SignIn   string `json:"signIn"`
	Reason   string `json:"reason"`
}

// Reasons why a sign-in ended. The set may grow.
const (
	EndedSignedOut = "signed_out" // by the person, on that device
	EndedElsewhere = "elsewhere"  // by the person, from another device
	EndedByOffice  = "office"     // by the secretariat
	EndedReuse     = "reuse"      // a refresh token came twice: somebody may have a copy
	EndedRights    = "rights"     // the person was removed, substituted or erased
)

// Type implements Payload.
func (SignInEnded) Type() string { return "delegates.sign-in.ended.v1" }

// PeopleImported tells that a file of delegations or delegates was taken in.
type PeopleImported struct {
	Import  string `json:"import"`
	Kind    string `json:"kind"` // delegations or delegates
	Created int    `json:"created"`
	Changed int    `json:"changed"`
	Refused int    `json:"refused"`
}

// Type implements Payload.
func (PeopleImported) Type() string { return "delegates.people.imported.v1" }

// CodesIssued tells that activation codes were made, and how many.
type CodesIssued struct {
	Issue string `json:"issue"`
	Codes int    `json:"codes"`
}

// Type implements Payload.
func (CodesIssued) Type() string { return "delegates.codes.issued.v1" }

// APIKeyChanged tells that a key for another system was made or ended.
type APIKeyChanged struct {
	Key    string   `json:"key"`
	Scopes []string `json:"scopes"`
	Ended  bool     `json:"ended"`
}

// Type implements Payload.
func (APIKeyChanged) Type() string { return "delegates.api-key.changed.v1" }

// PasskeyChanged tells that somebody of the secretariat enrolled a passkey or took
// one away.
type PasskeyChanged struct {
	Delegate string `json:"delegate"`
	Passkey  string `json:"passkey"`
	Removed  bool   `json:"removed"`
}

// Type implements Payload.
func (PasskeyChanged) Type() string { return "delegates.passkey.changed.v1" }

// ListNumbered tells that a provisional list of participants got its number.
type ListNumbered struct {
	Number       int `json:"number"`
	Participants int `json:"participants"`
}

// Type implements Payload.
func (ListNumbered) Type() string { return "delegates.list.numbered.v1" }

// DelegateState is the state message of a person: what the other services need
// to know of somebody without knowing who it is.
type DelegateState struct {
	Delegate   string   `json:"delegate"`
	Delegation string   `json:"delegation"`
	Revision   int64    `json:"revision"`
	Status     string   `json:"status"`
	Roles      []string `json:"roles"`
	Rights     int64    `json:"rights"`
	// Rank is how high the person stands; empty when nobody said.
	Rank string `json:"rank,omitempty"`
}

// DelegationState is the state message of a delegation.
type DelegationState struct {
	Delegation string `json:"delegation"`
	Revision   int64  `json:"revision"`
	Status     string `json:"status"` // Accredited or Removed
	Kind       string `json:"kind"`
	Head       string `json:"head,omitempty"` // delegate id
	// Officer is the host's person who hears what the delegation has not seen.
	Officer string `json:"officer,omitempty"`
}

// DelegateStateSubject is where a person stands.
func DelegateStateSubject(conference, delegate string) string {
	return stateRoot + conference + ".delegates.delegate." + delegate
}

// DelegationStateSubject is where a delegation stands.
func DelegationStateSubject(conference, delegation string) string {
	return stateRoot + conference + ".delegates.delegation." + delegation
}
