package rest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/url"
	"slices"

	"github.com/oapi-codegen/nullable"

	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/reach"
	"plenary.example/services/notifications/internal/receipts"
	"plenary.example/services/notifications/internal/rest/api"
	"plenary.example/services/notifications/internal/wording"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// ListNotices answers what people were told, newest first.
func (h *handler) ListNotices(_ context.Context, r api.ListNoticesRequestObject) (api.ListNoticesResponseObject, error) {
	limit, urgency, locale := defaultLimit, "", given(r.Params.AcceptLanguage)
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	if r.Params.Urgency != nil {
		urgency = string(*r.Params.Urgency)
	}
	before := int64(1<<63 - 1)
	if r.Params.Cursor != nil {
		var err error
		if before, err = readCursor(*r.Params.Cursor, r.Conference, urgency); err != nil {
			return nil, err
		}
	}
	found := h.Ledger.Filter(r.Conference, func(n push.Notice) bool {
		return n.Seq < before && reach.Listed(n) && (urgency == "" || string(n.Urgency) == urgency)
	})
	slices.Reverse(found)
	page := api.NoticePage{Items: []api.SentNotice{}, Page: api.Page{NextCursor: nullable.NewNullNullable[string]()}}
	out := api.ListNotices200JSONResponse{Headers: api.ListNotices200ResponseHeaders{ContentLanguage: h.Words.Language(locale)}}
	if len(found) > limit {
		found = found[:limit]
		next := writeCursor(found[limit-1].Seq, r.Conference, urgency)
		page.Page.HasMore, page.Page.NextCursor = true, nullable.NewNullableWithValue(next)
		query := url.Values{"cursor": {next}, "limit": {fmt.Sprint(limit)}}
		if urgency != "" {
			query.Set("urgency", urgency)
		}
		link := "</v1/conferences/" + url.PathEscape(r.Conference) + "/notices?" + query.Encode() + `>; rel="next"`
		out.Headers.Link = &link
	}
	reader := h.Reader(r.Conference, locale)
	for _, n := range found {
		page.Items = append(page.Items, h.sent(n, reader))
	}
	out.Body = page
	return out, nil
}

func given(text *string) string {
	if text == nil {
		return "en"
	}
	return *text
}

// writeCursor is the cursor of the page after a number; it holds for one list.
func writeCursor(seq int64, list ...string) string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(sum(list), uint64(seq)))
}

func readCursor(cursor string, list ...string) (int64, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if s := sum(list); err != nil || len(b) != len(s)+8 || !slices.Equal(b[:len(s)], s) {
		return 0, problem.New(problem.Malformed, "bad_cursor", "This cursor does not belong to this list. Begin again without it.").
			With(problem.Field{Parameter: "cursor", Code: "bad_cursor", Detail: "Not given out for this list."})
	}
	return int64(binary.BigEndian.Uint64(b[len(b)-8:])), nil
}

func sum(list []string) []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "%q", list))
	return h[:8]
}

// sent is a notice as the office sees it. Of a meeting that is what any locked
// phone would show.
func (h *handler) sent(n push.Notice, reader wording.Reader) api.SentNotice {
	title, _ := h.Words.RenderItem(n, reader)
	if n.Subject.Kind == push.Meeting {
		reader.Neutral = true
		title, _ = h.Words.Render(n, reader)
	}
	out := api.SentNotice{
		ID: n.ID, Seq: n.Seq, Category: n.Category, Urgency: string(n.Urgency), Title: title, At: n.At, Recipients: n.Readers,
		Subject: api.Subject{Kind: n.Subject.Kind, ID: n.Subject.ID, Revision: n.To},
	}
	if !n.AckBy.IsZero() {
		out.AcknowledgeBy = &n.AckBy
	}
	if !n.ExpiresAt.IsZero() {
		out.ExpiresAt = &n.ExpiresAt
	}
	return out
}

// GetReach answers how far a notice got.
func (h *handler) GetReach(ctx context.Context, r api.GetReachRequestObject) (api.GetReachResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	n, ok := h.Reach.Find(r.Conference, r.Notice)
	if !ok {
		return nil, problem.Hidden()
	}
	total, groups, err := h.Reach.Of(ctx, n, me.Delegation)
	if err != nil {
		return nil, err
	}
	locale := given(r.Params.AcceptLanguage)
	out := api.NoticeReach{NoticeID: n.ID, Total: counts(total), Delegations: make([]api.DelegationReach, 0, len(groups))}
	people := make([]string, 0, len(groups))
	for _, g := range groups {
		people = append(people, g.One)
	}
	called := h.designations(ctx, r.Conference, locale, people)
	for _, g := range groups {
		out.Delegations = append(out.Delegations, api.DelegationReach{
			Delegation: g.Delegation, Designation: called[g.One], Reached: g.Knows(), Counts: counts(g.Counts),
		})
	}
	return api.GetReach200JSONResponse{Body: out, Headers: api.GetReach200ResponseHeaders{ContentLanguage: h.Words.Language(locale)}}, nil
}

func counts(c receipts.Counts) api.ReachCounts {
	out := api.ReachCounts{
		Recipients: c.Recipients, NoPhone: c.NoPhone, Queued: c.Queued, Accepted: c.Accepted, Failed: c.Failed, Dropped: c.Dropped,
		Received: c.Received, Displayed: c.Displayed, Fetched: c.Fetched, Opened: c.Opened, Acknowledged: c.Acknowledged,
	}
	if out.Failed == nil {
		out.Failed = map[string]int{}
	}
	if out.Dropped == nil {
		out.Dropped = map[string]int{}
	}
	return out
}

// designations are what the delegations of people are called, by person. Whoever
// is missing cannot be asked after now.
func (h *handler) designations(ctx context.Context, conference, locale string, people []string) map[string]string {
	called := map[string]string{}
	for id, p := range h.Names.People(ctx, conference, event.ForReach, []string{h.Words.Language(locale)}, people...) {
		called[id] = p.Designation
	}
	return called
}

// ListUnreached answers the delegations that urgent news has not reached.
func (h *handler) ListUnreached(ctx context.Context, r api.ListUnreachedRequestObject) (api.ListUnreachedResponseObject, error) {
	locale := given(r.Params.AcceptLanguage)
	reader := h.Reader(r.Conference, locale)
	behind := h.Reach.Unreached(r.Conference)
	people := make([]string, 0, len(behind))
	for _, b := range behind {
		people = append(people, b.One)
	}
	called := h.designations(ctx, r.Conference, locale, people)
	out := api.UnreachedList{Items: make([]api.Unreached, 0, len(behind))}
	for _, b := range behind {
		item := api.Unreached{Delegation: b.Delegation, Designation: called[b.One], Notices: []api.SentNotice{}, Meetings: b.Meetings}
		for _, n := range b.Notices {
			item.Notices = append(item.Notices, h.sent(n, reader))
		}
		out.Items = append(out.Items, item)
	}
	slices.SortStableFunc(out.Items, func(a, b api.Unreached) int { return cmp.Compare(a.Designation, b.Designation) })
	return api.ListUnreached200JSONResponse{Body: out, Headers: api.ListUnreached200ResponseHeaders{ContentLanguage: h.Words.Language(locale)}}, nil
}
