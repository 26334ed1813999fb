package draft

import (
	"slices"
	"time"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/schedulefile"
)

// An Imported is the import that last changed a draft, to be answered again
// should its answer have been lost.
type Imported struct {
	Command string `bson:"command"` // hash of the request
	Answer  []byte `bson:"answer"`
}

// Import is d with what a published schedule brings, and what that is. The file
// is compared with the agenda as d would make it, so what is edited in d counts
// as edited by hand, and one file twice changes nothing. wall is the wall clock;
// newID gives the ids of new sessions and rooms.
//
// What the file lacks goes to the review list and is not touched.
func (d Draft) Import(c programme.Conference, a programme.Agenda, f schedulefile.File, newID func() string, wall time.Time) (Draft, programme.Plan) {
	plan := d.withRemoved().Merged(a).PlanImport(c, f, newID, c.Now(wall))
	next := d.PutRoom(a, plan.Rooms...).put(a, false, plan.Sessions()...)

	lacking := make([]string, 0, len(plan.Vanished))
	for _, s := range plan.Vanished {
		lacking = append(lacking, s.ID)
	}
	var ignored []string
	for _, r := range d.Review {
		switch {
		case r.Decision == Ignore:
			ignored = append(ignored, r.Session)
		case r.Decision == Cancel && plan.Lacking[r.Session]:
			lacking = append(lacking, r.Session) // it is cancelled now, and may still be decided otherwise
		}
	}
	next = next.Vanished(wall, lacking...)
	plan.Vanished = slices.DeleteFunc(plan.Vanished, func(s programme.Session) bool { return slices.Contains(ignored, s.ID) })
	return next, plan
}

// withRemoved is d with what it removes cancelled instead: an import must not
// bring it back as something new.
func (d Draft) withRemoved() Draft {
	d.Sessions = slices.Clone(d.Sessions)
	for i, e := range d.Sessions {
		if e.Mine == nil {
			removed := *e.Base
			removed.Status = programme.Cancelled
			d.Sessions[i].Mine = &removed
		}
	}
	return d
}

// Undecided counts the sessions under review that nobody has decided about.
func (d Draft) Undecided() int {
	n := 0
	for _, r := range d.Review {
		if r.Decision == Undecided {
			n++
		}
	}
	return n
}
