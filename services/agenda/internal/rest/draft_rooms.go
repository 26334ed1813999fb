package rest

import (
	"context"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/problem"
)

// PutDraftRoom edits a room, which is in the agenda or only in the draft.
func (h *handler) PutDraftRoom(ctx context.Context, r api.PutDraftRoomRequestObject) (api.PutDraftRoomResponseObject, error) {
	v, tag, err := h.editDraft(ctx, r.Conference, r.Params.IfMatch, func(d draft.Draft, c programme.Conference, a programme.Agenda, seen draftTag) (draft.Draft, error) {
		_, there := a.Room(r.Room)
		if _, mine := d.Merged(a).Room(r.Room); !there && !mine {
			return d, problem.Hidden()
		}
		if err := h.unseenRoom(ctx, seen, a, r.Room); err != nil {
			return d, err
		}
		x, err := furnished(c, r.Room, *r.Body)
		return d.PutRoom(a, x), err
	})
	if err != nil {
		return nil, err
	}
	return api.PutDraftRoom200JSONResponse{Body: v.editedRoom(r.Room), Headers: api.PutDraftRoom200ResponseHeaders{ETag: tag.String()}}, nil
}

// AddDraftRoom adds a room that is in the draft only.
func (h *handler) AddDraftRoom(ctx context.Context, r api.AddDraftRoomRequestObject) (api.AddDraftRoomResponseObject, error) {
	type answer struct {
		Body api.EditedRoom
		Tag  *string
	}
	seen, err := readSight(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	out, replayed, err := once(ctx, h, r.Conference, "addDraftRoom", r.Params.IdempotencyKey, []any{r.Params.IfMatch, r.Body}, func(id, actor string, _ int64, again bool) (answer, error) {
		d, err := h.drafts.EditDraft(ctx, r.Conference, actor, 0, func(d draft.Draft, c programme.Conference, a programme.Agenda) (draft.Draft, error) {
			if _, there := d.Merged(a).Room(id); there && again {
				return d, nil // an earlier attempt got so far
			}
			if err := seen.passed(d); err != nil {
				return d, err
			}
			x, err := furnished(c, id, *r.Body)
			return d.PutRoom(a, x), err
		})
		if err != nil {
			return answer{}, err
		}
		v, err := h.viewed(r.Conference, d)
		return answer{v.editedRoom(id), seen.after(d)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.AddDraftRoom201JSONResponse{Body: out.Body, Headers: api.AddDraftRoom201ResponseHeaders{ETag: out.Tag, IdempotencyReplayed: replayed}}, nil
}

// RemoveDraftRoom has a room be no more.
func (h *handler) RemoveDraftRoom(ctx context.Context, r api.RemoveDraftRoomRequestObject) (api.RemoveDraftRoomResponseObject, error) {
	_, tag, err := h.editDraft(ctx, r.Conference, r.Params.IfMatch, func(d draft.Draft, _ programme.Conference, a programme.Agenda, seen draftTag) (draft.Draft, error) {
		_, there := a.Room(r.Room)
		if _, mine := d.Merged(a).Room(r.Room); !there && !mine {
			return d, problem.Hidden()
		}
		if err := h.unseenRoom(ctx, seen, a, r.Room); err != nil {
			return d, err
		}
		return d.DropRoom(a, r.Room), nil
	})
	if err != nil {
		return nil, err
	}
	return api.RemoveDraftRoom204Response{Headers: api.RemoveDraftRoom204ResponseHeaders{ETag: tag.String()}}, nil
}
