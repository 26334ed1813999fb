package rest

import (
	"context"
	"net/url"
	"time"

	"plenary.example/services/delegates/internal/audit"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/shared/caller"
)

// ReadAudit answers GET /v1/audit.
func (h privacyHandler) ReadAudit(ctx context.Context, r api.ReadAuditRequestObject) (api.ReadAuditResponseObject, error) {
	who, _ := caller.From(ctx) // a person or another system; without one there is no conference to read
	var f audit.Filter
	filters := url.Values{}
	for _, p := range []struct {
		name string
		from *string
		into *string
	}{{"actor", r.Params.Actor, &f.Actor}, {"principal", r.Params.Principal, &f.Principal}, {"subject", r.Params.Subject, &f.Subject}} {
		if p.from != nil {
			*p.into = *p.from
			filters.Set(p.name, *p.from)
		}
	}
	if r.Params.Since != nil {
		f.Since = *r.Params.Since
		filters.Set("since", f.Since.Format(time.RFC3339Nano))
	}
	limit, cursor := limitOr(r.Params.Limit), ""
	if r.Params.Cursor != nil {
		cursor = *r.Params.Cursor
	}
	acts, next, err := h.room.Audit.Read(who.Conference, f, limit, cursor)
	if err != nil {
		return nil, err
	}
	out := api.ReadAudit200JSONResponse{Body: api.AuditPage{Items: make([]api.Act, 0, len(acts)), Page: pageBefore(next)}}
	for _, a := range acts {
		out.Body.Items = append(out.Body.Items, api.Act{
			ID: a.ID, At: a.At, Type: a.Type, Actor: a.Actor, Principal: a.Principal, Subject: a.Subject,
			Fields: append([]string{}, a.Fields...),
		})
	}
	out.Headers.Link = linkTo("/v1/audit", filters, limit, next)
	return out, nil
}
