package delegates

import (
	"context"
	"errors"
	"fmt"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/delegate"
)

// A Seed is who takes part in a conference, as a generator or a test makes it.
type Seed struct {
	Conference  string // its slug, "seoul-2013"
	Delegations []SeedDelegation
	Delegates   []SeedDelegate
}

// SeedDelegation is a delegation of a Seed.
type SeedDelegation struct {
	ID          string
	Designation map[string]string // by BCP 47 language
	// Kind is state, intergovernmental, non_governmental, business, media or host.
	Kind       string
	ExternalID string // what imports find it by
	Code       string // ISO 3166, where it has one
	Precedence int    // place in the order of precedence, from 1; 0 = none
	Head       string // id of one of its delegates
	Officer    string // id of the host's delegate who looks after it
}

// SeedDelegate is a person of a Seed.
type SeedDelegate struct {
	ID            string
	Delegation    string // the id of one
	Accreditation string // the number on the badge
	Name          string
	Function      string
	Rank          string // head_of_state, head_of_government, minister, vice_minister, senior_official, expert, or empty
	Roles         []string
	Languages     []string // BCP 47, best first
	ExternalID    string   // what imports find them by
	SortName      string   // to order by, where that is not the name
	Email         string
	Telephone     string
	Consent       Consent
	// ActivationCode opens the accreditation. Unless it is SingleUse it is a
	// sample code: good any number of times, and in a sandbox only.
	ActivationCode string
	SingleUse      bool
}

// Consent is to what a person of a Seed agreed.
type Consent struct {
	Participants bool // found and shown among participants
	Public       bool // on the public list
	Telephone    bool // the desk may see the number
}

// Load writes who of the seed is not there yet and leaves who is, so loading
// again changes nothing. The service must have been started; 16,000 people take
// seconds on the embedded store.
func (s *Service) Load(ctx context.Context, seed Seed) error {
	r, err := s.now()
	if err != nil {
		return fmt.Errorf("load %s: %w", seed.Conference, err)
	}
	if err := seed.check(); err != nil {
		return fmt.Errorf("load %s: %w", seed.Conference, err)
	}
	delegations := make([]delegate.Delegation, 0, len(seed.Delegations))
	for _, g := range seed.Delegations {
		delegations = append(delegations, delegate.Delegation{
			ID: g.ID, Conference: seed.Conference, Designation: g.Designation, Kind: g.Kind, ExternalID: g.ExternalID,
			Code: g.Code, Precedence: g.Precedence, Head: g.Head, Officer: g.Officer,
		})
	}
	people := make([]delegate.Delegate, 0, len(seed.Delegates))
	badges := make([]accreditation.Accreditation, 0, len(seed.Delegates))
	for _, d := range seed.Delegates {
		people = append(people, delegate.Delegate{
			ID: d.ID, Conference: seed.Conference, Delegation: d.Delegation, Accreditation: d.Accreditation,
			Name: d.Name, Function: d.Function, Rank: d.Rank, Roles: d.Roles, Languages: d.Languages,
			ExternalID: d.ExternalID, SortName: d.SortName, Email: d.Email, Telephone: d.Telephone, Consent: delegate.Consent(d.Consent),
		})
		id := accreditation.ID(seed.Conference, d.Accreditation)
		badge := accreditation.Accreditation{ID: id, Conference: seed.Conference, Delegate: d.ID, Sample: !d.SingleUse}
		if hash := r.codes.Hash(id, d.ActivationCode); badge.Sample {
			badge.Hash = hash
		} else {
			badge.Code = hash
		}
		badges = append(badges, badge)
	}
	// The badges come first, because a person's number has to be theirs. Nobody
	// signs in who is not there.
	if err := r.badges.Add(ctx, badges); err != nil {
		return fmt.Errorf("load %s: %w", seed.Conference, err)
	}
	if _, err := r.book.AddBadged(ctx, seed.Conference, delegations, people); err != nil {
		return fmt.Errorf("load %s: %w", seed.Conference, err)
	}
	return nil
}

// check finds what would make a seed unusable later.
func (s Seed) check() error {
	if s.Conference == "" {
		return errors.New("the seed names no conference")
	}
	known := make(map[string]bool)
	for _, g := range s.Delegations {
		if g.ID == "" {
			return errors.New("a delegation has no id")
		}
		known[g.ID] = true
	}
	for _, d := range s.Delegates {
		switch {
		case d.ID == "" || d.Accreditation == "" || d.ActivationCode == "":
			return fmt.Errorf("delegate %q lacks an id, an accreditation or a code", d.ID)
		case !known[d.Delegation]:
			return fmt.Errorf("delegate %s is of delegation %q, which is not in the seed", d.ID, d.Delegation)
		}
	}
	return nil
}
