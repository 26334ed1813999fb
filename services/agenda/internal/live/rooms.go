package live

import (
	"context"

	"plenary.example/services/agenda/internal/programme"
)

// A RoomHolder claims, for a release that is about to be made of an agenda, what
// its sessions need of rooms that are not theirs alone. It refuses a release that
// needs what somebody else has. Settle is called when the release has come true
// or will not, and the agenda has got as far; it must not wait for a release.
type RoomHolder func(ctx context.Context, before programme.Agenda, r programme.Release) (settle func(context.Context), err error)

// HoldRooms lets every release from now on be held to what hold says. It is to be
// called once, before the first of them.
func (l *Conferences) HoldRooms(hold RoomHolder) { l.rooms = hold }

// holdRooms asks for what r needs. Settling takes a few seconds at most, whether
// or not the request still waits.
func (l *Conferences) holdRooms(ctx context.Context, before programme.Agenda, r programme.Release) (settle func(), err error) {
	if l.rooms == nil {
		return func() {}, nil
	}
	done, err := l.rooms(ctx, before, r)
	if err != nil {
		return nil, err
	}
	return func() {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		done(after)
	}, nil
}
