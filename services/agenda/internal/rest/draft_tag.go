package rest

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// A draftTag is the entity tag of a draft: its revision, and that of the agenda
// it was shown over. Both are represented, so both are in it.
type draftTag struct{ draft, agenda int64 }

func (t draftTag) String() string { return httpd.ETag(t.draft, strconv.FormatInt(t.agenda, 10)) }

// readTag reads what a client has seen. A tag without the agenda's revision is
// none of ours: who edits by it may not have seen the agenda at all.
func readTag(header string) (draftTag, error) {
	revision, err := httpd.IfMatch(header)
	if err != nil {
		return draftTag{}, err
	}
	_, agenda, _ := strings.Cut(strings.Trim(strings.TrimSpace(header), `"`), "-")
	seen, err := strconv.ParseInt(agenda, 10, 64)
	if err != nil || seen < 0 {
		return draftTag{}, problem.New(problem.Stale, "stale", "This tag does not say which agenda you have seen. Read the draft again.")
	}
	return draftTag{revision, seen}, nil
}

// passed refuses to edit what the draft was before somebody else did.
func (t draftTag) passed(d draft.Draft) error {
	if d.Revision != t.draft { // 0 is a revision too: nobody has edited it
		return problem.New(problem.Stale, "stale", "The draft has changed since. Read it again.")
	}
	return nil
}

// unseen refuses to edit a session that a live change has made another since it
// was read.
func (t draftTag) unseen(s programme.Session) error {
	if s.Revision > t.agenda {
		return problem.New(problem.Stale, "stale", "The session has changed since. Read the draft again.")
	}
	return nil
}

// unseenRoom is unseen for a room, which does not know when it became what it is.
func (h *handler) unseenRoom(ctx context.Context, t draftTag, a programme.Agenda, room string) error {
	if t.agenda >= a.Revision {
		return nil
	}
	stale := problem.New(problem.Stale, "stale", "The room has changed since. Read the draft again.")
	_, since, err := h.agendas.Since(ctx, a.Conference, t.agenda, a.Revision)
	switch {
	case problem.Is(err, problem.Gone):
		return stale // nobody knows any more
	case err != nil:
		return err
	case slices.Contains(since.RemovedRooms, room), slices.ContainsFunc(since.Rooms, func(x programme.Room) bool { return x.ID == room }):
		return stale
	}
	return nil
}

// A sight is what a client says to have seen of a draft; without a tag it says
// nothing, and gets none for what others have made of the draft meanwhile.
type sight struct{ tag *draftTag }

func readSight(ifMatch *string) (sight, error) {
	if ifMatch == nil {
		return sight{}, nil
	}
	tag, err := readTag(*ifMatch)
	return sight{&tag}, err
}

// passed refuses to go on when the draft is another than was seen.
func (s sight) passed(d draft.Draft) error {
	if s.tag == nil {
		return nil
	}
	return s.tag.passed(d)
}

// after is the tag of d if that is what was seen with one edit at most, the
// client's own; else nil.
func (s sight) after(d draft.Draft) *string {
	if s.tag == nil || d.Revision > s.tag.draft+1 {
		return nil
	}
	tag := draftTag{d.Revision, s.tag.agenda}.String()
	return &tag
}

// editDraft edits the draft as it was when the client saw it.
func (h *handler) editDraft(ctx context.Context, conference, ifMatch string, change func(draft.Draft, programme.Conference, programme.Agenda, draftTag) (draft.Draft, error)) (draftView, draftTag, error) {
	tag, err := readTag(ifMatch)
	if err != nil {
		return draftView{}, tag, err
	}
	by, err := who(ctx)
	if err != nil {
		return draftView{}, tag, err
	}
	if err := h.agendas.Heard(ctx, conference, tag.agenda); err != nil {
		return draftView{}, tag, err
	}
	d, err := h.drafts.EditDraft(ctx, conference, by.Actor(), 0, func(d draft.Draft, c programme.Conference, a programme.Agenda) (draft.Draft, error) {
		if err := tag.passed(d); err != nil {
			return d, err
		}
		return change(d, c, a, tag)
	})
	if err != nil {
		return draftView{}, tag, err
	}
	v, err := h.viewed(conference, d)
	// Who edits one thing has not seen what became of the others meanwhile.
	return v, draftTag{d.Revision, tag.agenda}, err
}
