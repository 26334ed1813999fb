package rest

import (
	"context"

	"golang.org/x/text/language"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/shared/caller"
)

// People is what the operations on delegations and delegates need.
type People struct {
	Book     book
	Office   records
	Commands commands
	Facts    facts
}

// book is who takes part, read from memory.
type book interface {
	Delegate(ctx context.Context, conference, id string) (delegate.Delegate, error)
	Accredited(ctx context.Context, conference, id string) (delegate.Delegate, error)
	Delegation(ctx context.Context, conference, id string) (delegate.Delegation, error)
	Members(conference, delegation string) []delegate.Delegate
	Find(delegate.Search) (delegate.People, error)
	List(delegate.Choice) (delegate.Groups, error)
}

// records are changed by the rules.
type records interface {
	CreateDelegate(ctx context.Context, by caller.Caller, d delegate.Delegate) (delegate.Delegate, error)
	EditDelegate(ctx context.Context, by caller.Caller, conference, id string, revision int64, edit func(*delegate.Delegate)) (delegate.Delegate, error)
	RemoveDelegate(ctx context.Context, by caller.Caller, conference, id string, revision int64) error
	ChooseForSelf(ctx context.Context, who caller.Caller, revision int64, edit func(*delegate.Delegate)) (delegate.Delegate, error)
	CreateDelegation(ctx context.Context, by caller.Caller, g delegate.Delegation) (delegate.Delegation, error)
	EditDelegation(ctx context.Context, by caller.Caller, conference, id string, revision int64, edit func(*delegate.Delegation)) (delegate.Delegation, error)
	RemoveDelegation(ctx context.Context, by caller.Caller, conference, id string, revision int64) error
}

type peopleHandler struct{ room People }

// tongue is the language of the conference in which an answer is given: the one
// that fits the header best; without a header, or one that fits, the one that fits
// what the caller reads; else the conference's first.
func (h peopleHandler) tongue(ctx context.Context, conference string, header *string) string {
	has := h.room.Facts.Of(conference).Languages
	tags := make([]language.Tag, len(has))
	for i, l := range has {
		tags[i] = language.Make(l)
	}
	matcher := language.NewMatcher(tags)
	if header != nil {
		if wanted, _, err := language.ParseAcceptLanguage(*header); err == nil && len(wanted) > 0 {
			if _, at, fit := matcher.Match(wanted...); fit > language.No {
				return has[at]
			}
		}
	}
	if who, ok := caller.From(ctx); ok && who.Delegate != "" {
		if d, err := h.room.Book.Delegate(ctx, who.Conference, who.Delegate); err == nil {
			for _, l := range d.Languages {
				if _, at, fit := matcher.Match(language.Make(l)); fit > language.No {
					return has[at]
				}
			}
		}
	}
	return has[0]
}

// sees says whether somebody sees what the office keeps.
func sees(who caller.Caller) bool { return who.Is(caller.Secretariat) || who.Key != "" }

// delegationOf is a person's delegation as it is shown beside their name.
func (h peopleHandler) delegationOf(ctx context.Context, d delegate.Delegate, lang string) (api.Delegation, error) {
	g, err := h.room.Book.Delegation(ctx, d.Conference, d.Delegation)
	if err != nil {
		return api.Delegation{}, err
	}
	return api.Delegation{ID: g.ID, Designation: g.DesignationIn([]string{lang}), Kind: g.Kind}, nil
}

func consent(c delegate.Consent) api.Consent {
	return api.Consent{Participants: c.Participants, Public: c.Public, Telephone: c.Telephone}
}

func agree(c *delegate.Consent, patch *api.ConsentPatch) {
	if patch == nil {
		return
	}
	set(&c.Participants, patch.Participants)
	set(&c.Public, patch.Public)
	set(&c.Telephone, patch.Telephone)
}

// set changes what is there when something is given.
func set[T any](there *T, given *T) {
	if given != nil {
		*there = *given
	}
}

func member(d delegate.Delegate) api.Member {
	return api.Member{ID: d.ID, Name: d.Name, Function: d.Function, Rank: d.Rank}
}
