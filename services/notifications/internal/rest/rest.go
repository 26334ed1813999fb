// Package rest speaks HTTP for the notifications: phones register, and inboxes
// are read.
package rest

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/oapi-codegen/nullable"
	"golang.org/x/text/language"

	"plenary.example/services/notifications/internal/announce"
	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/escalation"
	"plenary.example/services/notifications/internal/ledger"
	"plenary.example/services/notifications/internal/preferences"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/services/notifications/internal/reach"
	"plenary.example/services/notifications/internal/receipts"
	"plenary.example/services/notifications/internal/rest/api"
	"plenary.example/services/notifications/internal/seal"
	"plenary.example/services/notifications/internal/stream"
	"plenary.example/services/notifications/internal/trial"
	"plenary.example/services/notifications/internal/wording"
	"plenary.example/shared/caller"
	"plenary.example/shared/directory"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// defaultLimit is how many items of an inbox come at once unless asked.
const defaultLimit = 50

// Rooms are what the handlers speak for.
type Rooms struct {
	Devices *devices.Devices
	Ledger  *ledger.Ledger
	Trials  *trial.Trials
	Office  *announce.Office
	Words   *wording.Words
	// Reader is who reads the news of a conference in a locale.
	Reader func(conference, locale string) wording.Reader
	// Receipts is how far each reader got.
	Receipts    *receipts.Receipts
	Preferences *preferences.Book
	// Streams are the apps that follow their inbox.
	Streams *stream.Hub
	// Session tells whether a conference has a session.
	Session func(conference, session string) bool
	// Reach is what the office sees of who knows, and Names knows people by name.
	Reach *reach.Desk
	Names *directory.Directory
	// Ladder has the calls to make, and Callees whom to call.
	Ladder  *escalation.Ladder
	Callees *directory.Directory
}

// Mount adds the routes to an app made by httpd.New.
func Mount(app *fiber.App, rooms Rooms, keys *httpd.Keys) {
	door := httpd.NewDoor(httpd.Rules{
		Permissions: api.Permissions, Owners: api.Owners, Scopes: api.Scopes, Routes: api.Routes, MediaTypes: api.MediaTypes,
	}, keys)
	h := &handler{rooms, keys}
	strict := api.NewStrictHandler(h, []api.StrictMiddlewareFunc{httpd.Strict[api.StrictHandlerFunc]})
	api.RegisterHandlers(door.Router(app), strict)
}

type handler struct {
	Rooms
	keys *httpd.Keys
}

// who is the caller; the door has let nobody in without one.
func who(ctx context.Context) (caller.Caller, error) {
	c, ok := caller.From(ctx)
	if !ok {
		return caller.Caller{}, problem.New(problem.Unauthenticated, "token_missing", "Sign in first.")
	}
	return c, nil
}

// RegisterDevice gives a phone to the caller.
func (h *handler) RegisterDevice(ctx context.Context, r api.RegisterDeviceRequestObject) (api.RegisterDeviceResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := language.Parse(r.Body.Locale); err != nil {
		return nil, problem.New(problem.Invalid, "invalid", "The phone was not registered.").
			With(problem.Field{Pointer: "/locale", Code: "bcp47", Detail: "This is not a BCP 47 language tag."})
	}
	sealKey := ""
	if r.Body.SealKey != nil {
		sealKey = *r.Body.SealKey
		if err := seal.Check(sealKey); err != nil {
			return nil, problem.New(problem.Invalid, "invalid", "The phone was not registered.").
				With(problem.Field{Pointer: "/sealKey", Code: "bad_seal_key", Detail: "This is not an X25519 public key."})
		}
	}
	rendering := string(api.RegistrationRenderingApp)
	if r.Body.Rendering != nil {
		rendering = string(*r.Body.Rendering)
	}
	timezone, err := phoneZone(r.Body.Timezone)
	if err != nil {
		return nil, err
	}
	dev, err := h.Devices.Register(ctx, push.Device{
		Installation: r.Installation, Delegate: me.Delegate, Conference: me.Conference, Token: push.Token(r.Body.Token),
		Platform: push.Platform(r.Body.Platform), Locale: r.Body.Locale, Rendering: rendering,
		SignIn: me.SignIn, Zone: timezone, SealKey: sealKey,
	})
	if err != nil {
		return nil, err
	}
	return api.RegisterDevice200JSONResponse(device(dev)), nil
}

// ListDevices answers the caller's phones.
func (h *handler) ListDevices(ctx context.Context, _ api.ListDevicesRequestObject) (api.ListDevicesResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	list := api.DeviceList{Items: []api.Device{}}
	for _, d := range h.Devices.Of(me.Delegate) {
		list.Items = append(list.Items, device(d))
	}
	return api.ListDevices200JSONResponse(list), nil
}

// RemoveDevice takes a phone from the caller.
func (h *handler) RemoveDevice(ctx context.Context, r api.RemoveDeviceRequestObject) (api.RemoveDeviceResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Devices.Remove(ctx, me.Delegate, r.Installation); err != nil {
		return nil, err
	}
	return api.RemoveDevice204Response{}, nil
}

// device is a phone as it is answered: its token is not for reading.
func device(d push.Device) api.Device {
	rendering := d.Rendering
	if rendering == "" {
		rendering = string(api.RegistrationRenderingApp)
	}
	return api.Device{
		Installation: d.Installation, Platform: string(d.Platform), Locale: d.Locale,
		Rendering: rendering, Timezone: d.Zone, RegisteredAt: d.RegisteredAt, SealKeyID: seal.KeyID(d.SealKey),
	}
}

// ReadInbox answers the caller's notices after the one they have seen.
func (h *handler) ReadInbox(ctx context.Context, r api.ReadInboxRequestObject) (api.ReadInboxResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	after, limit, locale := int64(0), defaultLimit, cmp.Or(h.Preferences.Of(me.Conference, me.Delegate).Language, "en")
	if r.Params.After != nil {
		after = *r.Params.After
	}
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	if r.Params.AcceptLanguage != nil {
		locale = *r.Params.AcceptLanguage
	}
	notices, more := h.Ledger.Inbox(me.Conference, me.Delegate, after, limit)
	page := api.InboxPage{Items: make([]api.InboxItem, 0, len(notices)), Page: api.Page{HasMore: more, NextCursor: nullable.NewNullNullable[string]()}}
	reader := h.Reader(me.Conference, locale)
	for _, n := range notices {
		page.Items = append(page.Items, h.item(n, reader))
	}
	h.mark(me, after, notices, page.Items)
	out := api.ReadInbox200JSONResponse{Body: page, Headers: api.ReadInbox200ResponseHeaders{ContentLanguage: h.Words.Language(locale)}}
	if more {
		next := strconv.FormatInt(notices[len(notices)-1].Seq, 10)
		out.Body.Page.NextCursor = nullable.NewNullableWithValue(next)
		link := fmt.Sprintf(`</v1/me/inbox?after=%s&limit=%d>; rel="next"`, next, limit)
		out.Headers.Link = &link
	}
	return out, nil
}

func (h *handler) item(n push.Notice, reader wording.Reader) api.InboxItem {
	n.Lead = 0 // it is read at any time, when a reminder says no more than the hour
	title, body := h.Words.RenderItem(n, reader)
	return api.InboxItem{
		ID: n.ID, Seq: n.Seq, Category: n.Category, Urgency: string(n.Urgency), Title: title, Body: body, At: n.At,
		Subject: api.Subject{Kind: n.Subject.Kind, ID: n.Subject.ID, Revision: n.To},
		Before:  glimpse(n.Before), After: glimpse(n.After), Delegation: n.Delegation,
	}
}

func glimpse(s push.State) *api.Glimpse {
	if s.Start.IsZero() {
		return nil
	}
	return &api.Glimpse{StartsAt: &s.Start, EndsAt: &s.End, Room: s.Room, Status: s.Status}
}
