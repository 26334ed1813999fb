package rest

import (
	"context"
	"time"

	"plenary.example/services/notifications/internal/announce"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/rest/api"
	"plenary.example/shared/httpd"
)

// ListAnnouncements answers the announcements of a conference.
func (h *handler) ListAnnouncements(_ context.Context, r api.ListAnnouncementsRequestObject) (api.ListAnnouncementsResponseObject, error) {
	status := ""
	if r.Params.Status != nil {
		status = string(*r.Params.Status)
	}
	l := httpd.Listing{Conference: r.Conference, Path: "announcements", Filters: map[string]string{"status": status}, Limit: r.Params.Limit, Cursor: r.Params.Cursor}
	items, page, link, err := paged(l, h.Office.List(r.Conference, announce.Status(status)), func(a announce.Announcement) httpd.Place {
		return httpd.Place{Rank: -a.MadeAt.UnixMilli(), ID: a.ID}
	})
	if err != nil {
		return nil, err
	}
	body := api.AnnouncementList{Items: make([]api.Announcement, 0, len(items)), Page: page}
	for _, a := range items {
		body.Items = append(body.Items, announcement(a))
	}
	return api.ListAnnouncements200JSONResponse{Body: body, Headers: api.ListAnnouncements200ResponseHeaders{Link: link}}, nil
}

// CreateAnnouncement announces something, now or later.
func (h *handler) CreateAnnouncement(ctx context.Context, r api.CreateAnnouncementRequestObject) (api.CreateAnnouncementResponseObject, error) {
	by, err := who(ctx)
	if err != nil {
		return nil, err
	}
	key := ""
	if r.Params.IdempotencyKey != nil {
		key = *r.Params.IdempotencyKey
	}
	a, replayed, err := h.Office.Make(ctx, r.Conference, by.Actor(), key, drafted(*r.Body), typed(r.Body.Confirm))
	if err != nil {
		return nil, err
	}
	return api.CreateAnnouncement201JSONResponse{Body: announcement(a), Headers: api.CreateAnnouncement201ResponseHeaders{
		ETag: httpd.ETag(a.Revision, ""), IdempotencyReplayed: replayed,
	}}, nil
}

// PreviewAnnouncement counts whom an announcement would reach, and shows it.
func (h *handler) PreviewAnnouncement(ctx context.Context, r api.PreviewAnnouncementRequestObject) (api.PreviewAnnouncementResponseObject, error) {
	reach, err := h.Office.Preview(ctx, r.Conference, drafted(*r.Body))
	if err != nil {
		return nil, err
	}
	out := api.AnnouncementPreview{
		People: reach.People, Phones: reach.Phones, Delegations: reach.Delegations, NeedsConfirmation: reach.Held,
		Cards: make([]api.AnnouncementCard, 0, len(reach.Cards)),
	}
	for _, c := range reach.Cards {
		out.Cards = append(out.Cards, api.AnnouncementCard{Locale: c.Locale, Phones: c.Phones, Title: c.Title, Body: c.Body})
	}
	return api.PreviewAnnouncement200JSONResponse(out), nil
}

// GetAnnouncement answers one.
func (h *handler) GetAnnouncement(ctx context.Context, r api.GetAnnouncementRequestObject) (api.GetAnnouncementResponseObject, error) {
	a, err := h.Office.Of(ctx, r.Conference, r.Announcement)
	if err != nil {
		return nil, err
	}
	return api.GetAnnouncement200JSONResponse{Body: announcement(a), Headers: api.GetAnnouncement200ResponseHeaders{ETag: httpd.ETag(a.Revision, "")}}, nil
}

// UpdateAnnouncement changes one that is scheduled.
func (h *handler) UpdateAnnouncement(ctx context.Context, r api.UpdateAnnouncementRequestObject) (api.UpdateAnnouncementResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	a, err := h.Office.Edit(ctx, r.Conference, r.Announcement, revision, typed(r.Body.Confirm), func(d *announce.Draft) { patchAnnouncement(d, *r.Body) })
	if err != nil {
		return nil, err
	}
	return api.UpdateAnnouncement200JSONResponse{Body: announcement(a), Headers: api.UpdateAnnouncement200ResponseHeaders{ETag: httpd.ETag(a.Revision, "")}}, nil
}

// CancelAnnouncement takes one back that is scheduled.
func (h *handler) CancelAnnouncement(ctx context.Context, r api.CancelAnnouncementRequestObject) (api.CancelAnnouncementResponseObject, error) {
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	if err := h.Office.Cancel(ctx, r.Conference, r.Announcement, revision); err != nil {
		return nil, err
	}
	return api.CancelAnnouncement204Response{}, nil
}

// RecallAnnouncement tells everybody who was told that it does not hold.
func (h *handler) RecallAnnouncement(ctx context.Context, r api.RecallAnnouncementRequestObject) (api.RecallAnnouncementResponseObject, error) {
	reason := ""
	if r.Body.Reason != nil {
		reason = *r.Body.Reason
	}
	a, err := h.Office.Recall(ctx, r.Conference, r.Announcement, reason)
	if err != nil {
		return nil, err
	}
	return api.RecallAnnouncement200JSONResponse{Body: announcement(a), Headers: api.RecallAnnouncement200ResponseHeaders{ETag: httpd.ETag(a.Revision, "")}}, nil
}

func typed(c *api.AnnouncementConfirmation) *int {
	if c == nil {
		return nil
	}
	return &c.Count
}

func drafted(b api.NewAnnouncement) announce.Draft {
	d := announce.Draft{Texts: map[string]push.Text{}, Urgency: push.Lane(b.Urgency), Audience: audience(announce.Audience{}, b.Audience)}
	for tag, t := range b.Texts {
		d.Texts[tag] = push.Text{Title: t.Title, Body: t.Body}
	}
	if b.SendAt != nil {
		d.SendAt = instant(*b.SendAt)
	}
	if b.AcknowledgeBy != nil {
		d.AcknowledgeBy = instant(*b.AcknowledgeBy)
	}
	return d
}

// instant is a time as the store keeps it. None that somebody names is the zero
// time, which is none at all: an app that sends the year 1 is told that it is past.
func instant(t time.Time) time.Time {
	if t = t.UTC().Truncate(time.Millisecond); t.IsZero() {
		return t.Add(time.Millisecond)
	}
	return t
}

func patchAnnouncement(d *announce.Draft, b api.AnnouncementPatch) {
	if b.Texts != nil {
		for tag, t := range *b.Texts {
			if t == nil {
				delete(d.Texts, tag)
				continue
			}
			text := d.Texts[tag]
			if t.Title != nil {
				text.Title = *t.Title
			}
			if t.Body != nil {
				text.Body = *t.Body
			}
			d.Texts[tag] = text
		}
	}
	if b.Audience != nil {
		d.Audience = audience(d.Audience, *b.Audience)
	}
	if b.Urgency != nil {
		d.Urgency = push.Lane(*b.Urgency)
	}
	if b.SendAt != nil {
		d.SendAt = instant(*b.SendAt)
	}
	if b.AcknowledgeBy.IsSpecified() {
		d.AcknowledgeBy = time.Time{}
		if at, err := b.AcknowledgeBy.Get(); err == nil {
			d.AcknowledgeBy = instant(at)
		}
	}
}

// audience is what a body names of an audience, over what was there.
func audience(is announce.Audience, b api.Audience) announce.Audience {
	if b.All != nil {
		is.All = *b.All
	}
	named(&is.Delegations, b.Delegations)
	named(&is.Kinds, b.Kinds)
	named(&is.Roles, b.Roles)
	named(&is.Sessions, b.Sessions)
	named(&is.Rooms, b.Rooms)
	return is
}

func named[S ~string](is *[]string, b *[]S) {
	if b == nil {
		return
	}
	*is = nil
	for _, s := range *b {
		*is = append(*is, string(s))
	}
}

func announcement(a announce.Announcement) api.Announcement {
	out := api.Announcement{
		ID: a.ID, Revision: a.Revision, Status: string(a.Status), Urgency: string(a.Urgency), Texts: map[string]api.AnnouncedText{},
		Audience: api.AnnouncementAudience{
			All: &a.Audience.All, Delegations: a.Audience.Delegations, Kinds: a.Audience.Kinds, Roles: a.Audience.Roles,
			Sessions: a.Audience.Sessions, Rooms: a.Audience.Rooms,
		},
		CreatedAt: a.MadeAt.UTC(), SendAt: moment(a.SendAt), AcknowledgeBy: moment(a.AcknowledgeBy), SentAt: moment(a.SentAt),
		NoticeID: a.NoticeID(), People: a.People, Phones: a.Phones, RecalledAt: moment(a.RecalledAt), RecallReason: a.Reason,
	}
	for tag, t := range a.Texts {
		out.Texts[tag] = api.AnnouncedText{Title: t.Title, Body: t.Body}
	}
	return out
}

// moment is nil for no time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
