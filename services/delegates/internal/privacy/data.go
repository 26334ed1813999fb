package privacy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// A Source has documents about a person: one, or a list of them.
type Source struct {
	Name string
	Read func(ctx context.Context, conference, delegate string) (any, error)
}

// asker puts a question to another service; bus.Bus is one.
type asker interface {
	AskPatiently(ctx context.Context, conference, what string, question, reply any) error
}

// Everything collects what all services hold about a person.
type Everything struct {
	Sources []Source
	Others  asker
}

// Data is what is held about a person: by service, by room, by field.
type Data struct{ Delegates, Agenda, Notifications map[string]any }

// tryAgain is when a service that did not answer may be back.
const tryAgain = 5 * time.Second

// Of is everything held about the caller. If one service does not answer the
// whole is Unavailable: half the truth would look like all of it.
func (e Everything) Of(ctx context.Context, by caller.Caller) (Data, error) {
	var d Data
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		d.Delegates, err = e.ours(ctx, by.Conference, by.Delegate)
		return err
	})
	for what, into := range map[string]*map[string]any{event.AskAgendaData: &d.Agenda, event.AskNoticeData: &d.Notifications} {
		g.Go(func() error {
			err := e.Others.AskPatiently(ctx, by.Conference, what, event.PersonalData{Delegate: by.Delegate}, into)
			if p, ok := errors.AsType[*problem.Error](err); ok {
				return p.After(tryAgain)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return Data{}, fmt.Errorf("data of %s: %w", by.Delegate, err)
	}
	return d, nil
}

func (e Everything) ours(ctx context.Context, conference, delegate string) (map[string]any, error) {
	all := make(map[string]any, len(e.Sources))
	for _, s := range e.Sources {
		doc, err := s.Read(ctx, conference, delegate)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		all[s.Name] = Show(doc)
	}
	return all, nil
}
