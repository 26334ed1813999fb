package rest

import (
	"compress/gzip"
	"context"
	"fmt"
	"net/url"
	"sort"
	"strconv"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/oapi-codegen/nullable"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
)

const (
	usualLimit = 50
	// Pages of changes that many phones ask for at once are kept, in bytes the
	// ordinary ones.
	changesKept     = 64
	largestKept     = 256 << 10
	revisionsOpened = 64
)

// A changesKey is all that a page of changes depends on.
type changesKey struct {
	conference, language string
	since, to            int64
	open                 int // how much had opened
	after                string
	limit                int
}

// A changesPage is a page of changes as it leaves; nothing says that there are
// none.
type changesPage struct {
	*page
	link    string
	nothing bool
}

// synced keeps what many phones that sync have in common.
type synced struct {
	pages    *lru.Cache[changesKey, *changesPage]
	openings *lru.Cache[revisionOf, []programme.Opening]
	// making lets one request make something while the others wait for it.
	making sync.Mutex
}

func newSynced() *synced {
	pages, _ := lru.New[changesKey, *changesPage](changesKept) // the errors are for sizes below one
	openings, _ := lru.New[revisionOf, []programme.Opening](revisionsOpened)
	return &synced{pages: pages, openings: openings}
}

// GetAgendaChanges answers what changed since a revision.
func (h *handler) GetAgendaChanges(ctx context.Context, r api.GetAgendaChangesRequestObject) (api.GetAgendaChangesResponseObject, error) {
	if err := h.agendas.Reach(ctx, r.Conference, r.Params.Since); err != nil {
		return nil, err
	}
	s, err := h.look(ctx, r.Conference, r.Params.AcceptLanguage, r.Params.PlenaryRevision, r.Params.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	at := begins(s, r.Params.Since)
	if r.Params.Cursor != nil {
		if at, err = at.resume(s.facts.ID, *r.Params.Cursor); err != nil {
			return nil, err
		}
	}
	limit := usualLimit
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	p, err := h.pageAt(ctx, s, at, limit)
	if err != nil {
		return nil, err
	}
	return changed{p, text(r.Params.IfNoneMatch)}, nil
}

// pageAt is the page of changes at a position, made or kept.
func (h *handler) pageAt(ctx context.Context, s seen, at position, limit int) (*changesPage, error) {
	openings, err := h.openings(ctx, s, at.to)
	if err != nil {
		return nil, err
	}
	open := programme.Opened(openings, at.now)
	key := changesKey{s.facts.ID, s.language, at.since, at.to, open, at.after, limit}
	if kept, ok := h.synced.pages.Get(key); ok {
		return kept, nil
	}
	agenda, delta, err := h.agendas.Since(ctx, s.facts.ID, at.since, at.to)
	if err != nil {
		return nil, err
	}
	h.synced.making.Lock()
	defer h.synced.making.Unlock()
	if kept, ok := h.synced.pages.Get(key); ok {
		return kept, nil // made for somebody else meanwhile
	}
	made, err := renderChanges(seen{s.facts, agenda, s.language, at.now}, at, delta, at.changed(s.facts, agenda, delta, openings), limit)
	if err != nil {
		return nil, err
	}
	made.etag = tag(at.to, s.language, open)
	if len(made.plain) <= largestKept {
		h.synced.pages.Add(key, made)
	}
	return made, nil
}

func renderChanges(s seen, at position, d programme.Delta, sessions []programme.Session, limit int) (*changesPage, error) {
	doc := api.AgendaChanges{
		Conference: s.facts.ID, From: d.From, To: d.To, Timezone: s.facts.Zone, Language: s.language, Items: []api.Session{},
		Removed: []api.Tombstone{}, Rooms: []api.Room{}, RemovedRooms: []string{}, Page: api.Page{NextCursor: nullable.NewNullNullable[string]()},
	}
	if at.after == "" { // the rest comes with the first page
		for _, t := range d.Removed {
			doc.Removed = append(doc.Removed, api.Tombstone{ID: t.ID, Revision: t.Revision})
		}
		for _, r := range d.Rooms {
			doc.Rooms = append(doc.Rooms, room(r))
		}
		doc.RemovedRooms = append(doc.RemovedRooms, d.RemovedRooms...)
		if len(sessions)+len(doc.Removed)+len(doc.Rooms)+len(doc.RemovedRooms) == 0 {
			return &changesPage{page: &page{}, nothing: true}, nil
		}
	}
	next := sort.Search(len(sessions), func(i int) bool { return sessions[i].ID > at.after })
	link := ""
	for _, x := range sessions[next:min(next+limit, len(sessions))] {
		doc.Items = append(doc.Items, session(s, x))
	}
	if next+limit < len(sessions) {
		cursor := at.cursor(s.facts.ID, sessions[next+limit-1].ID)
		doc.Page = api.Page{HasMore: true, NextCursor: nullable.NewNullableWithValue(cursor)}
		link = fmt.Sprintf(`</v1/conferences/%s/agenda/changes?%s>; rel="next"`, url.PathEscape(s.facts.ID), url.Values{
			"since": {strconv.FormatInt(at.since, 10)}, "limit": {strconv.Itoa(limit)}, "cursor": {cursor},
		}.Encode())
	}
	p, err := packed(doc, gzip.DefaultCompression)
	if err != nil {
		return nil, fmt.Errorf("render changes: %w", err)
	}
	p.language = []byte(s.language)
	return &changesPage{page: p, link: link}, nil
}

// changed is a page of changes for whom says what they have.
type changed struct {
	page        *changesPage
	ifNoneMatch string
}

// VisitGetAgendaChangesResponse implements the generated interface.
func (r changed) VisitGetAgendaChangesResponse(c *fiber.Ctx) error {
	ifNoneMatch := r.ifNoneMatch
	if r.page.nothing {
		ifNoneMatch = r.page.etag
	} else if r.page.link != "" {
		c.Response().Header.SetBytesV(fiber.HeaderLink, utils.UnsafeBytes(r.page.link))
	}
	return r.page.send(c, ifNoneMatch, cacheControlBytes)
}
