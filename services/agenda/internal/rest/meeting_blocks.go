package rest

import (
	"context"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/rest/api"
)

// blocks are the times in which rooms are kept free of meetings.
type blocks interface {
	Blocks(conference string) ([]meeting.Block, error)
	Block(ctx context.Context, b meeting.Block, by meeting.By, displace bool) (meeting.Block, error)
	Unblock(ctx context.Context, conference, id string) error
}

// ListBlocks answers all blocks that stand.
func (h *handler) ListBlocks(_ context.Context, r api.ListBlocksRequestObject) (api.ListBlocksResponseObject, error) {
	all, err := h.meetings.Blocks(r.Conference)
	if err != nil {
		return nil, err
	}
	body := api.BlockList{Items: make([]api.Block, 0, len(all))}
	for _, b := range all {
		body.Items = append(body.Items, block(b))
	}
	return api.ListBlocks200JSONResponse(body), nil
}

func block(b meeting.Block) api.Block {
	return api.Block{ID: b.ID, RoomID: b.Room, StartsAt: b.Start.UTC(), EndsAt: b.End.UTC(), Reason: b.Reason, Actor: b.By, At: b.At.UTC()}
}

// BlockCells keeps a room free of meetings.
func (h *handler) BlockCells(ctx context.Context, r api.BlockCellsRequestObject) (api.BlockCellsResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	w, err := h.meetings.World(r.Conference)
	if err != nil {
		return nil, err
	}
	wanted := meeting.Block{Conference: r.Conference, Room: r.Body.RoomID, Start: r.Body.StartsAt, End: r.Body.EndsAt, Reason: r.Body.Reason}
	if err := blockable(w, wanted); err != nil {
		return nil, err
	}
	made, replayed, err := once(ctx, h, r.Conference, "blockCells", r.Params.IdempotencyKey, r.Body, func(id, _ string, _ int64, _ bool) (api.Block, error) {
		b := wanted
		b.ID = id
		b, err := h.meetings.Block(ctx, b, atDesk(me), yes(r.Body.Displace))
		return block(b), err
	})
	if err != nil {
		return nil, err
	}
	return api.BlockCells201JSONResponse{Body: made, Headers: api.BlockCells201ResponseHeaders{IdempotencyReplayed: replayed}}, nil
}

// longestBlock is how many days a block may take: it claims every five minutes.
const longestBlock = 3

func blockable(w meeting.World, b meeting.Block) error {
	r := &reader{facts: w.Conference}
	if _, ok := w.Agenda.Room(b.Room); !ok {
		r.fault("/roomId", "room_unknown", "The conference has no such room.")
	}
	if !b.Start.Before(b.End) || b.End.After(b.Start.AddDate(0, 0, longestBlock)) {
		r.fault("/endsAt", "span_unclear", "It ends after it begins, and within three days.")
	}
	r.line("/reason", b.Reason, false)
	return r.err()
}

// UnblockCells opens a room to meetings again.
func (h *handler) UnblockCells(ctx context.Context, r api.UnblockCellsRequestObject) (api.UnblockCellsResponseObject, error) {
	if err := h.meetings.Unblock(ctx, r.Conference, r.Block); err != nil {
		return nil, err
	}
	return api.UnblockCells204Response{}, nil
}
