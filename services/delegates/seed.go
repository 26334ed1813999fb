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
	Kind        string            // one of delegate.Kinds
}

// SeedDelegate is a person of a Seed.
type SeedDelegate struct {
	ID            string
	Delegation    string // the id of one
	Accreditation string // the number on the badge
	Name          string
	Function      string
	Rank          string // minister, vice_minister, senior_official, expert, or empty
	Roles         []string
	Languages     []string // BCP 47, best first
	// ActivationCode opens the accreditation. Unless it is SingleUse it is a
	// sample code: good any number of times, and in a sandbox only.
	ActivationCode string
	SingleUse      bool
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
		delegations = append(delegations, delegate.Delegation{ID: g.ID, Conference: seed.Conference, Designation: g.Designation, Kind: g.Kind})
	}
	people := make([]delegate.Delegate, 0, len(seed.Delegates))
	badges := make([]accreditation.Accreditation, 0, len(seed.Delegates))
	for _, d := range seed.Delegates {
		people = append(people, delegate.Delegate{
			ID: d.ID, Conference: seed.Conference, Delegation: d.Delegation, Accreditation: d.Accreditation,
			Name: d.Name, Function: d.Function, Rank: d.Rank, Roles: d.Roles, Languages: d.Languages,
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
