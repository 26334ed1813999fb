package dispatch

import (
	"context"

	"plenary.example/services/notifications/internal/push"
)

// budgets is how many jobs of each lane are in hand at once. Urgent news may fill
// every slot, with jobs to spare so that the end of one leaves none empty. Of the
// others there are more than would fill the slots their lane has: the reminders of a
// hundred meetings are a hundred jobs of a few devices.
func budgets(slots int) map[push.Lane]int {
	full := max(2, (slots+push.PageSize-1)/push.PageSize)
	return map[push.Lane]int{push.Urgent: full + full/2, push.Important: full, push.Routine: full / 2}
}

// A flight is the sends that are under way. Urgent news may fill every slot; the two
// other lanes together leave it a quarter, however long their queues are, and a bulk
// of either is still out soon.
type flight struct {
	all  chan struct{} // one place for each send
	lane map[push.Lane]chan struct{}
}

func newFlight(slots int) flight {
	return flight{make(chan struct{}, slots), map[push.Lane]chan struct{}{
		push.Important: make(chan struct{}, max(1, slots/2)), push.Routine: make(chan struct{}, max(1, slots/4)),
	}}
}

// begin waits for a place of a lane, so that the sender never keeps a push waiting
// that was looked at too early; false when ctx ended first.
func (f flight) begin(ctx context.Context, lane push.Lane) bool {
	of := f.lane[lane]
	if of != nil && !enter(ctx, of) {
		return false
	}
	if enter(ctx, f.all) {
		return true
	}
	if of != nil {
		<-of
	}
	return false
}

// end gives back what begin took.
func (f flight) end(lane push.Lane) {
	<-f.all
	if of := f.lane[lane]; of != nil {
		<-of
	}
}

func enter(ctx context.Context, places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}
