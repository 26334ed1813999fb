// Package rest is the delegates service's part of the API: it reads requests,
// calls the rooms, and renders what they say.
//
// Each room has a file with a handler of its own, which knows of its room only
// what it calls; Handler is all of them together.
package rest

import (
	"github.com/gofiber/fiber/v2"

	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/shared/httpd"
)

// Rooms are what the operations are made of, one field for each file here.
type Rooms struct {
	SignIns SignIns
	People  People
	Lists   Lists
	Keys    Keys
	Privacy Privacy
}

// Handler answers the operations of the delegates service.
type Handler struct {
	signInHandler
	peopleHandler
	listHandler
	keyHandler
	privacyHandler
}

// New makes a handler.
func New(r Rooms) *Handler {
	return &Handler{
		signInHandler:  signInHandler{r.SignIns},
		peopleHandler:  peopleHandler{r.People},
		listHandler:    listHandler{r.Lists},
		keyHandler:     keyHandler{r.Keys},
		privacyHandler: privacyHandler{r.Privacy},
	}
}

// Mount puts the operations behind a door on app.
func (h *Handler) Mount(app fiber.Router, keys *httpd.Keys) {
	door := httpd.NewDoor(httpd.Rules{
		Permissions: api.Permissions, Owners: api.Owners, Scopes: api.Scopes, Routes: api.Routes, MediaTypes: api.MediaTypes,
		Deadlines: deadlines,
	}, keys)
	api.RegisterHandlers(door.Router(app), api.NewStrictHandler(h, []api.StrictMiddlewareFunc{httpd.Strict[api.StrictHandlerFunc]}))
}
