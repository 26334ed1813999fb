package rest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/problem"
)

// drafts is the work in progress, and what becomes of it.
type drafts interface {
	Draft(ctx context.Context, id string) (draft.Draft, error)
	EditDraft(ctx context.Context, id, actor string, expect int64, change func(draft.Draft, programme.Conference, programme.Agenda) (draft.Draft, error)) (draft.Draft, error)
	Picked(id string) map[string]int
	Toll(ctx context.Context, id string, changes []programme.Change) (programme.Toll, error)
	Trips(id string, changes []programme.Change, toll programme.Toll) ([]programme.Trip, error)
	ReleaseDraft(ctx context.Context, id string, expect int64, o draft.Order) (draft.Outcome, error)
	ConfirmRelease(ctx context.Context, id string, expect int64, o draft.Order) (draft.Outcome, error)
	WithdrawRelease(ctx context.Context, id string) error
}

// GetDraft answers what is prepared, and what stands against releasing it.
func (h *handler) GetDraft(ctx context.Context, r api.GetDraftRequestObject) (api.GetDraftResponseObject, error) {
	v, err := h.draftSeen(ctx, r.Conference)
	if err != nil {
		return nil, err
	}
	return api.GetDraft200JSONResponse{Body: v.document(), Headers: api.GetDraft200ResponseHeaders{ETag: v.tag().String()}}, nil
}

// A draftView is a draft over the agenda it is shown with.
type draftView struct {
	draft.Draft
	facts     programme.Conference
	agenda    programme.Agenda
	merged    programme.Agenda // as the draft would make it
	conflicts []draft.Conflict
}

func (v draftView) tag() draftTag { return draftTag{v.Revision, v.agenda.Revision} }

func (h *handler) draftSeen(ctx context.Context, conference string) (draftView, error) {
	d, err := h.drafts.Draft(ctx, conference)
	if err != nil {
		return draftView{}, err
	}
	return h.viewed(conference, d)
}

func (h *handler) viewed(conference string, d draft.Draft) (draftView, error) {
	facts, agenda, err := h.agendas.Conference(conference)
	if err != nil {
		return draftView{}, err
	}
	picked := h.drafts.Picked(conference)
	conflicts := d.Conflicts(facts, agenda, facts.Now(h.now()), func(session string) int { return picked[session] })
	return draftView{d, facts, agenda, d.Merged(agenda), conflicts}, nil
}

// DiscardDraft empties the draft.
func (h *handler) DiscardDraft(ctx context.Context, r api.DiscardDraftRequestObject) (api.DiscardDraftResponseObject, error) {
	_, tag, err := h.editDraft(ctx, r.Conference, r.Params.IfMatch, func(d draft.Draft, _ programme.Conference, _ programme.Agenda, _ draftTag) (draft.Draft, error) {
		return d.Discarded(), nil
	})
	if err != nil {
		return nil, err
	}
	return api.DiscardDraft204Response{Headers: api.DiscardDraft204ResponseHeaders{ETag: tag.String()}}, nil
}

// PutDraftSession edits a session, which is in the agenda, only in the draft, or
// taken out of the agenda before.
func (h *handler) PutDraftSession(ctx context.Context, r api.PutDraftSessionRequestObject) (api.PutDraftSessionResponseObject, error) {
	v, tag, err := h.editDraft(ctx, r.Conference, r.Params.IfMatch, func(d draft.Draft, c programme.Conference, a programme.Agenda, seen draftTag) (draft.Draft, error) {
		s, ok := d.Merged(a).Session(r.Session)
		if !ok {
			if s, ok = a.Session(r.Session); !ok {
				s, ok = a.Removed(r.Session)
				s.Status = programme.Confirmed
			}
			if !ok {
				return d, problem.Hidden()
			}
		}
		if present, there := a.Session(r.Session); there {
			if err := seen.unseen(present); err != nil {
				return d, err
			}
		}
		s, err := written(c, s, *r.Body)
		return d.Put(a, s), err
	})
	if err != nil {
		return nil, err
	}
	return api.PutDraftSession200JSONResponse{Body: v.edited(r.Session), Headers: api.PutDraftSession200ResponseHeaders{ETag: tag.String()}}, nil
}

// AddDraftSession adds a session that is in the draft only.
func (h *handler) AddDraftSession(ctx context.Context, r api.AddDraftSessionRequestObject) (api.AddDraftSessionResponseObject, error) {
	type answer struct {
		Body api.EditedSession
		Tag  *string
	}
	seen, err := readSight(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	out, replayed, err := once(ctx, h, r.Conference, "addDraftSession", r.Params.IdempotencyKey, []any{r.Params.IfMatch, r.Body}, func(id, actor string, _ int64, again bool) (answer, error) {
		d, err := h.drafts.EditDraft(ctx, r.Conference, actor, 0, func(d draft.Draft, c programme.Conference, a programme.Agenda) (draft.Draft, error) {
			if _, there := d.Merged(a).Session(id); there && again {
				return d, nil // an earlier attempt got so far
			}
			if err := seen.passed(d); err != nil {
				return d, err
			}
			s, err := written(c, programme.Session{ID: id, Status: programme.Confirmed}, *r.Body)
			return d.Put(a, s), err
		})
		if err != nil {
			return answer{}, err
		}
		v, err := h.viewed(r.Conference, d)
		return answer{v.edited(id), seen.after(d)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.AddDraftSession201JSONResponse{Body: out.Body, Headers: api.AddDraftSession201ResponseHeaders{ETag: out.Tag, IdempotencyReplayed: replayed}}, nil
}

// RemoveDraftSession has a session be no more.
func (h *handler) RemoveDraftSession(ctx context.Context, r api.RemoveDraftSessionRequestObject) (api.RemoveDraftSessionResponseObject, error) {
	_, tag, err := h.editDraft(ctx, r.Conference, r.Params.IfMatch, func(d draft.Draft, c programme.Conference, a programme.Agenda, seen draftTag) (draft.Draft, error) {
		present, there := a.Session(r.Session)
		if _, mine := d.Merged(a).Session(r.Session); !there && !mine {
			return d, problem.Hidden()
		}
		if there {
			if err := seen.unseen(present); err != nil {
				return d, err
			}
			if present.Begun(c.Now(h.now())) {
				return d, problem.New(problem.Conflict, "session_begun", "The session has begun.")
			}
		}
		return d.Drop(a, r.Session), nil
	})
	if err != nil {
		return nil, err
	}
	return api.RemoveDraftSession204Response{Headers: api.RemoveDraftSession204ResponseHeaders{ETag: tag.String()}}, nil
}

// ReviewVanished decides about a session that an import lacked. To decide the
// same twice changes nothing.
func (h *handler) ReviewVanished(ctx context.Context, r api.ReviewVanishedRequestObject) (api.ReviewVanishedResponseObject, error) {
	by, err := who(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := readSight(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	decision := string(r.Body.Decision)
	var item api.ReviewItem
	d, err := h.drafts.EditDraft(ctx, r.Conference, by.Actor(), 0, func(d draft.Draft, _ programme.Conference, a programme.Agenda) (draft.Draft, error) {
		if err := seen.passed(d); err != nil {
			return d, err
		}
		for _, x := range d.Review {
			if x.Session == r.Session {
				item = reviewed(a, x)
			}
		}
		return d.Decide(a, r.Session, decision, "")
	})
	if err != nil {
		return nil, err
	}
	item.Decision = decision
	return api.ReviewVanished200JSONResponse{Body: item, Headers: api.ReviewVanished200ResponseHeaders{ETag: seen.after(d)}}, nil
}

// once runs a creating command at most once to its end when it comes with a
// key. id is that of what it creates: the same for every attempt. since is the
// agenda's revision at which the first attempt began, and again says that it was
// an earlier one.
func once[T any](ctx context.Context, h *handler, conference, route string, key *string, body any, do func(id, actor string, since int64, again bool) (T, error)) (out T, replayed bool, err error) {
	by, err := who(ctx)
	if err != nil {
		return out, false, err
	}
	if key == nil {
		out, err = do(newID(), by.Actor(), 0, false)
		return out, false, err
	}
	asked, err := json.Marshal(body)
	if err != nil {
		return out, false, fmt.Errorf("command: %w", err)
	}
	command := commandID(by.Actor(), route+" "+conference, *key)
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(command)).String()
	answer, replayed, err := h.desk.Once(ctx, conference, command, asked, func(since int64, again bool) ([]byte, error) {
		out, err := do(id, by.Actor(), since, again)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	})
	if err != nil {
		return out, false, err
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return out, false, fmt.Errorf("stored answer: %w", err)
	}
	return out, replayed, nil
}
