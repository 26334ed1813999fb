package rest

import (
	"context"
	"encoding/json"
	"fmt"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/problem"
)

// An order is a live command to one session of a conference. Given a key it is
// carried out once, however often it is repeated.
type order struct {
	name                string // of the operation
	conference, session string
	ifMatch             string // for those that want one
	key, acceptLanguage *string
	body                any
}

// An outcome is what an order came to: the revision that has all of it, and the
// sessions it was about. They are answered as they are now, in whatever
// language the repeat asks for.
type outcome struct {
	Revision int64    `json:"revision"`
	Sessions []string `json:"sessions"`

	replayed bool
}

// A decision is what an order makes of the agenda as it finds it.
type decision func(programme.Conference, programme.Agenda) ([]programme.Session, error)

// carryOut releases what decide makes of the agenda. Whatever a sibling has
// released is fetched first: this replica may be the one that has not heard yet
// that the session has begun.
func (h *handler) carryOut(ctx context.Context, o order, decide decision) (seen, outcome, error) {
	by, err := who(ctx)
	if err != nil {
		return seen{}, outcome{}, err
	}
	_, agenda, err := h.agendas.Conference(o.conference)
	if err != nil {
		return seen{}, outcome{}, err
	}
	if err := h.agendas.Heard(ctx, o.conference, agenda.Revision+1); err != nil {
		return seen{}, outcome{}, err
	}
	var did outcome
	if o.key == nil {
		did, err = h.release(ctx, o.conference, by.Actor(), "", decide)
	} else {
		did, err = h.releaseOnce(ctx, o, by.Actor(), decide)
	}
	if err != nil {
		return seen{}, outcome{}, err
	}
	facts, agenda, err := h.agendas.Conference(o.conference)
	if err != nil {
		return seen{}, outcome{}, err
	}
	return h.sees(facts, agenda, octets(o.acceptLanguage)), did, nil
}

func (h *handler) release(ctx context.Context, conference, actor, command string, decide decision) (outcome, error) {
	var sessions []string
	after, _, err := h.desk.Release(ctx, conference, actor, command, func(c programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		changed, err := decide(c, a)
		sessions = sessions[:0]
		for _, s := range changed {
			sessions = append(sessions, s.ID)
		}
		return programme.Proposal{Sessions: changed}, err
	})
	return outcome{Revision: after.Revision, Sessions: sessions}, err
}

// releaseOnce is release under a key. When an earlier attempt got as far as its
// release, that one is what the order came to: nothing is moved a second time.
func (h *handler) releaseOnce(ctx context.Context, o order, actor string, decide decision) (did outcome, err error) {
	body, err := json.Marshal([]any{o.session, o.ifMatch, o.body})
	if err != nil {
		return outcome{}, fmt.Errorf("%s: %w", o.name, err)
	}
	command := commandID(actor, o.name+" "+o.conference, *o.key)
	answer, replayed, err := h.desk.Once(ctx, o.conference, command, body, func(since int64, again bool) ([]byte, error) {
		if again {
			if r, found, err := h.desk.ByCommand(ctx, o.conference, command, since); err != nil {
				return nil, err
			} else if found {
				return json.Marshal(touched(r))
			}
		}
		did, err := h.release(ctx, o.conference, actor, command, decide)
		if err != nil {
			return nil, err
		}
		return json.Marshal(did)
	})
	if err != nil {
		return outcome{}, err
	}
	if err := json.Unmarshal(answer, &did); err != nil {
		return outcome{}, fmt.Errorf("stored outcome: %w", err)
	}
	did.replayed = replayed
	return did, nil
}

// touched is what the release says its order came to.
func touched(r programme.Release) outcome {
	did := outcome{Revision: r.Revision}
	for _, s := range r.After {
		did.Sessions = append(did.Sessions, s.ID)
	}
	return did
}

// one carries out an order about its own session alone, and answers it.
func (h *handler) one(ctx context.Context, o order, decide func(programme.Conference, programme.Agenda) (programme.Session, error)) (api.Session, api.ReinstateSession200ResponseHeaders, error) {
	s, did, err := h.carryOut(ctx, o, func(c programme.Conference, a programme.Agenda) ([]programme.Session, error) {
		x, err := decide(c, a)
		return []programme.Session{x}, err
	})
	if err != nil {
		return api.Session{}, api.ReinstateSession200ResponseHeaders{}, err
	}
	x, there := s.agenda.Session(o.session)
	if !there {
		return api.Session{}, api.ReinstateSession200ResponseHeaders{}, problem.Hidden() // gone since
	}
	return session(s, x), api.ReinstateSession200ResponseHeaders{
		ETag: tagOf(s, x), ContentLanguage: s.language,
		PlenaryRevision: s.agenda.Revision, IdempotencyReplayed: did.replayed,
	}, nil
}

// several carries out an order that may be about more than its own session.
func (h *handler) several(ctx context.Context, o order, decide decision) (api.LiveChange, api.DelaySession200ResponseHeaders, error) {
	s, did, err := h.carryOut(ctx, o, decide)
	if err != nil {
		return api.LiveChange{}, api.DelaySession200ResponseHeaders{}, err
	}
	body := api.LiveChange{Revision: did.Revision, Sessions: []api.Session{}}
	for _, id := range did.Sessions {
		if x, there := s.agenda.Session(id); there {
			body.Sessions = append(body.Sessions, session(s, x))
		}
	}
	return body, api.DelaySession200ResponseHeaders{
		ContentLanguage: s.language, PlenaryRevision: s.agenda.Revision, IdempotencyReplayed: did.replayed,
	}, nil
}
