package rest

import (
	"bytes"
	"context"
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/participants"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// Lists is what the operations on imports and numbered lists need.
type Lists struct {
	Imports     imports
	Lists       lists
	Conferences facts
}

// lists are the numbered lists of participants.
type lists interface {
	Number(ctx context.Context, conference, command, by string) (made participants.List, again bool, err error)
	All(ctx context.Context, conference string) ([]participants.List, error)
	Read(ctx context.Context, conference string, number int) (participants.Contents, error)
	Changes(ctx context.Context, conference string, number int) (participants.Changes, int, error)
}

type listHandler struct{ room Lists }

// ListParticipantLists answers GET /v1/conferences/{conference}/participant-lists.
func (h *listHandler) ListParticipantLists(ctx context.Context, r api.ListParticipantListsRequestObject) (api.ListParticipantListsResponseObject, error) {
	all, err := h.room.Lists.All(ctx, r.Conference)
	if err != nil {
		return nil, err
	}
	out := api.ListParticipantLists200JSONResponse{Items: make([]api.ParticipantList, 0, len(all))}
	for _, l := range all {
		out.Items = append(out.Items, listed(l))
	}
	return out, nil
}

func listed(l participants.List) api.ParticipantList {
	return api.ParticipantList{
		Number: l.Number, At: l.At.UTC(), Actor: l.Actor, Participants: l.Participants,
		Added: l.Added, Removed: l.Removed, Changed: l.Changed,
	}
}

// CreateParticipantList answers POST /v1/conferences/{conference}/participant-lists.
func (h *listHandler) CreateParticipantList(ctx context.Context, r api.CreateParticipantListRequestObject) (api.CreateParticipantListResponseObject, error) {
	by, ok := caller.From(ctx)
	if !ok {
		return nil, problem.New(problem.Unauthenticated, "token_missing", "Sign in first.")
	}
	command := delegate.NewID()
	if r.Params.IdempotencyKey != nil { // the list keeps it, so no other record is needed
		command = uuid.NewSHA1(uuid.NameSpaceURL, []byte("createParticipantList\x00"+r.Conference+"\x00"+by.Actor()+"\x00"+*r.Params.IdempotencyKey)).String()
	}
	made, again, err := h.room.Lists.Number(ctx, r.Conference, command, by.Actor())
	if err != nil {
		return nil, err
	}
	return api.CreateParticipantList201JSONResponse{Body: listed(made), Headers: api.CreateParticipantList201ResponseHeaders{IdempotencyReplayed: again}}, nil
}

// GetParticipantList answers GET /v1/conferences/{conference}/participant-lists/{number}.
func (h *listHandler) GetParticipantList(ctx context.Context, r api.GetParticipantListRequestObject) (api.GetParticipantListResponseObject, error) {
	c, err := h.room.Lists.Read(ctx, r.Conference, r.Number)
	if err != nil {
		return nil, err
	}
	tag, to := c.Languages[0], participants.Everybody
	if r.Params.Language != nil {
		tag = h.language(r.Conference, r.Params.Language)
	}
	if r.Params.Audience != nil {
		to = participants.Audience(*r.Params.Audience)
	}
	format := api.GetParticipantListParamsFormatJSON
	if r.Params.Format != nil {
		format = *r.Params.Format
	}
	headers := api.GetParticipantList200ResponseHeaders{ContentLanguage: tag}
	var b bytes.Buffer
	switch format {
	case api.GetParticipantListParamsFormatCsv:
		name := fmt.Sprintf("attachment; filename=\"participants-%d.csv\"", c.Number)
		headers.ContentDisposition = &name
		err := c.Table(&b, tag, to)
		return tableOfPeople{api.GetParticipantList200TextCsvResponse{Body: &b, Headers: headers}}, err
	case api.GetParticipantListParamsFormatHTML:
		err := c.Print(&b, tag, to)
		return pageOfPeople{api.GetParticipantList200TextHTMLResponse{Body: &b, Headers: headers}}, err
	case api.GetParticipantListParamsFormatJSON:
	}
	return api.GetParticipantList200JSONResponse{Headers: headers, Body: content(c, tag, to)}, nil
}

func content(c participants.Contents, tag string, to participants.Audience) api.ParticipantListContent {
	out := api.ParticipantListContent{Number: c.Number, At: c.At.UTC(), Language: tag, Audience: string(to), Delegations: []api.ListedDelegation{}}
	for _, s := range c.Sections(tag, to) {
		g := api.ListedDelegation{ID: s.ID, Designation: s.Designation, Kind: s.Kind, Participants: []api.ListedParticipant{}}
		for _, p := range s.People {
			g.Participants = append(g.Participants, api.ListedParticipant{ID: p.ID, Name: p.Name, Function: p.Function, Rank: p.Rank, Head: p.Head})
		}
		out.Delegations = append(out.Delegations, g)
	}
	return out
}

// tableOfPeople says in which encoding it is.
type tableOfPeople struct {
	api.GetParticipantList200TextCsvResponse
}

// VisitGetParticipantListResponse writes the answer.
func (t tableOfPeople) VisitGetParticipantListResponse(c *fiber.Ctx) error {
	err := t.GetParticipantList200TextCsvResponse.VisitGetParticipantListResponse(c)
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	return err
}

// pageOfPeople allows the page its own style.
type pageOfPeople struct {
	api.GetParticipantList200TextHTMLResponse
}

// VisitGetParticipantListResponse writes the answer.
func (p pageOfPeople) VisitGetParticipantListResponse(c *fiber.Ctx) error {
	err := p.GetParticipantList200TextHTMLResponse.VisitGetParticipantListResponse(c)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderContentSecurityPolicy, participants.PagePolicy())
	return err
}

// GetParticipantListChanges answers GET /v1/conferences/{conference}/participant-lists/{number}/changes.
func (h *listHandler) GetParticipantListChanges(ctx context.Context, r api.GetParticipantListChangesRequestObject) (api.GetParticipantListChangesResponseObject, error) {
	changes, since, err := h.room.Lists.Changes(ctx, r.Conference, r.Number)
	if err != nil {
		return nil, err
	}
	out := api.GetParticipantListChanges200JSONResponse{
		Number: r.Number, Since: since, Added: append([]string{}, changes.Added...), Removed: append([]string{}, changes.Removed...), Changed: []api.ListChange{},
	}
	for _, c := range changes.Changed {
		out.Changed = append(out.Changed, api.ListChange{ID: c.ID, Fields: c.Fields})
	}
	return out, nil
}
