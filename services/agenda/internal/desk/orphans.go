package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"plenary.example/shared/store"
)

// LookForOrphans reads every claim there is and deletes those of which their
// holder knows nothing. It takes a while, so it is for now and then; one that
// is in somebody's way is found without it.
func (d *Desk) LookForOrphans(ctx context.Context) error {
	all, err := store.All[Claim](ctx, d.claims, nil)
	if err != nil {
		return fmt.Errorf("look for orphans: %w", err)
	}
	var errs error
	for _, claim := range all {
		id, _, _ := strings.Cut(claim.ID, "/")
		c, err := d.find(id)
		if err != nil {
			continue // a conference that is not there
		}
		if m, _, known := c.known(claim.Holder); known && has(id, m.Holds, claim) {
			continue
		}
		worth, err := d.stands(ctx, c, claim)
		if err == nil && worth == nobodys {
			err = d.release(ctx, []Claim{claim})
		}
		errs = errors.Join(errs, err)
	}
	return errs
}
