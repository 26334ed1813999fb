package delegates

import (
	"context"
	"errors"
	"time"

	"plenary.example/services/delegates/internal/audit"
	"plenary.example/services/delegates/internal/lookup"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/services/delegates/internal/privacy"
	"plenary.example/services/delegates/internal/seat"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
	"plenary.example/shared/httpd"
)

// retainEvery is how often conferences are looked at whose time of keeping may
// be over. It is a matter of days.
const retainEvery = time.Hour

// startPrivacy opens substitutions, erasure, the audit and the lookup.
func (s *Service) startPrivacy(ctx context.Context, r *running) error {
	log := s.log.With("service", "delegates")
	r.seats = seat.NewDesk(mongostore.NewSeats(r.open), r.book, r.book.Conferences.Now, s.cfg.Now, log)
	r.erasures = privacy.NewOffice(mongostore.NewErasures(r.open), r.book, s.forgetful(r), s.cfg.Now, log)
	if err := r.erasures.Load(ctx, r.book.Everybody()); err != nil {
		return err
	}
	if err := s.startAudit(ctx, r); err != nil {
		return err
	}
	r.rooms.Privacy.Seats, r.rooms.Privacy.Erasures, r.rooms.Privacy.Audit = r.seats, r.erasures, r.audit
	r.rooms.Privacy.Commands = r.commands
	r.rooms.Privacy.Everything = privacy.Everything{Sources: s.sources(r), Others: r.bus}
	s.sweep("commands", r.commands.Sweep)
	s.background("substitutions", r.seats.Run)
	s.background("erasures", r.erasures.Run)
	s.regularly("end of keeping", sweepFirst, retainEvery, s.retain(r).Sweep)
	s.sweep("sign-ins of the erased", func(ctx context.Context, _ time.Time) (int, error) {
		return mongostore.NewSignIns(r.open).Forget(ctx, r.erased)
	})
	asked := lookup.NewCounter()
	if err := httpd.Show(s.cfg.Registry, &s.stack, asked); err != nil {
		return err
	}
	stop, err := r.bus.Answer(event.AskDirectory, lookup.New(r.book, asked).Answer)
	if err != nil {
		return err
	}
	s.stack.Until("lookup", stop)
	return nil
}

// forgetful are the rooms that hold something about people. The audit forgets
// when it comes to the event; the record itself is forgotten first.
func (s *Service) forgetful(r *running) []privacy.Room {
	each := func(forget func(ctx context.Context, conference string, p privacy.Person) error) func(context.Context, string, []privacy.Person) error {
		return func(ctx context.Context, conference string, people []privacy.Person) error {
			var errs []error
			for _, p := range people {
				errs = append(errs, forget(ctx, conference, p))
			}
			return errors.Join(errs...)
		}
	}
	ids := func(people []privacy.Person) (all []string) {
		for _, p := range people {
			all = append(all, p.ID)
		}
		return all
	}
	return []privacy.Room{
		{Name: "sign-ins", Forget: each(func(ctx context.Context, conference string, p privacy.Person) error {
			return r.signIns.EndAll(ctx, conference, p.ID, event.EndedRights, "") // what is over by then is swept
		})},
		{Name: "accreditations", Forget: each(func(ctx context.Context, conference string, p privacy.Person) error {
			return r.badges.Forget(ctx, conference, p.ID, p.Number)
		})},
		{Name: "passkeys", Forget: each(func(ctx context.Context, conference string, p privacy.Person) error {
			return r.passkeys.Erase(ctx, conference, p.ID)
		})},
		{Name: "substitutions", Forget: func(ctx context.Context, conference string, people []privacy.Person) error {
			return r.seats.Forget(ctx, conference, ids(people)...)
		}},
		{Name: "participant lists", Forget: func(ctx context.Context, conference string, people []privacy.Person) error {
			return r.lists.Erase(ctx, conference, ids(people)...)
		}},
	}
}

// sources are the rooms that can say what they hold about somebody.
func (s *Service) sources(r *running) []privacy.Source {
	return []privacy.Source{
		{Name: "delegate", Read: func(ctx context.Context, conference, id string) (any, error) {
			return r.book.Delegate(ctx, conference, id)
		}},
		{Name: "accreditation", Read: func(ctx context.Context, conference, id string) (any, error) {
			d, err := r.book.Delegate(ctx, conference, id)
			if err != nil {
				return nil, err
			}
			badge, guesses, err := r.badges.Held(ctx, conference, d.Accreditation)
			return map[string]any{"badge": badge, "guesses": guesses}, err
		}},
		{Name: "signIns", Read: func(ctx context.Context, _, id string) (any, error) {
			return mongostore.NewSignIns(r.open).AllOf(ctx, id)
		}},
		{Name: "passkeys", Read: func(ctx context.Context, _, id string) (any, error) { return r.passkeys.List(ctx, id) }},
		{Name: "substitutions", Read: func(ctx context.Context, conference, id string) (any, error) {
			return r.seats.Of(ctx, conference, id)
		}},
		{Name: "participantLists", Read: func(ctx context.Context, conference, id string) (any, error) {
			return r.lists.Of(ctx, conference, id)
		}},
		{Name: "acts", Read: func(_ context.Context, conference, id string) (any, error) {
			return r.audit.Of(conference, id), nil
		}},
	}
}

// retain forgets conferences whose time is over.
func (s *Service) retain(r *running) privacy.Retention {
	return privacy.Retention{
		Office: r.erasures, Conferences: r.book.Conferences, Days: s.cfg.Retention,
		Notices: mongostore.NewErasures(r.open), EndKeys: r.apiKeys.EndAll,
	}
}

// erased says whether somebody is, as far as this replica knows.
func (r *running) erased(id string) bool { return r.book.Status(id) == event.Erased }

// auditDurable is the consumer that writes the audit, one on each stream.
const auditDurable = "delegates-audit"

// startAudit loads what was done so far, follows what is being done, and takes
// part in writing it down.
func (s *Service) startAudit(ctx context.Context, r *running) error {
	audited := []string{bus.StreamDelegates, bus.StreamAgenda} // where people do something
	from, tails := make([]uint64, len(audited)), make([]*bus.Watch, len(audited))
	for i, stream := range audited {
		var err error
		if from[i], err = r.bus.Worked(ctx, stream, auditDurable); err != nil { // before loading, so that nothing falls between
			return err
		}
	}
	acts := mongostore.NewActs(r.open)
	kept, err := acts.All(ctx)
	if err != nil {
		return err
	}
	r.audit = audit.NewLog()
	r.audit.Load(kept)
	for i, stream := range audited {
		if tails[i], err = r.bus.Tail(ctx, stream, from[i]+1, func(_ context.Context, m bus.Seen) error {
			if e, err := event.Parse(m.Data); err == nil { // who cannot be read did nothing; the consumer puts it aside
				r.audit.Hear(e)
				r.erasures.Hear(e)
			}
			return nil
		}); err != nil {
			return err
		}
		s.stack.Until("audit "+stream, tails[i].Stop)
	}
	keeper := audit.NewKeeper(acts, r.audit, func(ctx context.Context) error {
		for _, t := range tails {
			if err := t.Sync(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, stream := range audited {
		stop, err := r.bus.Consume(ctx, bus.Work{Stream: stream, Durable: auditDurable}, keeper.Keep)
		if err != nil {
			return err
		}
		s.stack.Until("audit consumer "+stream, stop)
	}
	return nil
}
