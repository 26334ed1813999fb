package delegate

import (
	"context"
	"sync"

	"plenary.example/shared/problem"
)

// A keeper has what the directory does not hold. Its errors for what is not
// there are problems of kind NotFound.
type keeper interface {
	Delegate(ctx context.Context, id string) (Delegate, error)
	Delegation(ctx context.Context, id string) (Delegation, error)
}

// A Directory answers from memory who is who. It is filled when the service
// starts; somebody another replica has added since is fetched when asked for.
type Directory struct {
	keeper keeper

	mu          sync.RWMutex
	delegates   map[string]Delegate
	delegations map[string]Delegation
}

// NewDirectory makes an empty directory in front of k.
func NewDirectory(k keeper) *Directory {
	return &Directory{keeper: k, delegates: make(map[string]Delegate), delegations: make(map[string]Delegation)}
}

// Add puts people and delegations into memory, in place of what was known of them.
func (d *Directory) Add(delegations []Delegation, delegates []Delegate) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range delegations {
		d.delegations[g.ID] = g
	}
	for _, p := range delegates {
		d.delegates[p.ID] = p
	}
}

// Delegate finds a person of conference. Somebody of another conference is
// NotFound like somebody who is not there.
func (d *Directory) Delegate(ctx context.Context, conference, id string) (Delegate, error) {
	d.mu.RLock()
	p, ok := d.delegates[id]
	d.mu.RUnlock()
	if !ok {
		var err error
		if p, err = d.keeper.Delegate(ctx, id); err != nil {
			return Delegate{}, err
		}
		d.Add(nil, []Delegate{p})
	}
	if p.Conference != conference {
		return Delegate{}, errUnknown
	}
	return p, nil
}

// Delegation finds a delegation of conference, as Delegate finds a person.
func (d *Directory) Delegation(ctx context.Context, conference, id string) (Delegation, error) {
	d.mu.RLock()
	g, ok := d.delegations[id]
	d.mu.RUnlock()
	if !ok {
		var err error
		if g, err = d.keeper.Delegation(ctx, id); err != nil {
			return Delegation{}, err
		}
		d.Add([]Delegation{g}, nil)
	}
	if g.Conference != conference {
		return Delegation{}, errUnknown
	}
	return g, nil
}

var errUnknown = problem.New(problem.NotFound, "not_found", "There is nobody of that name here.")
