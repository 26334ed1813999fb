package delegates

import (
	"context"

	"plenary.example/services/delegates/internal/audit"
	"plenary.example/services/delegates/internal/mongostore"
	"plenary.example/shared/bus"
	"plenary.example/shared/event"
)

// startPrivacy opens substitutions, erasure and the audit.
func (s *Service) startPrivacy(ctx context.Context, r *running) error {
	return s.startAudit(ctx, r)
}

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
			}
			return nil
		}); err != nil {
			return err
		}
		s.stack.Push("audit "+stream, func(context.Context) error { tails[i].Stop(); return nil })
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
		s.stack.Push("audit consumer "+stream, func(context.Context) error { stop(); return nil })
	}
	return nil
}
