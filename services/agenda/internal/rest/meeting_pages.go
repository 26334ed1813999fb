package rest

import (
	"github.com/oapi-codegen/nullable"

	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/shared/httpd"
)

// paged is httpd.Page, and the page as this service answers it.
func paged[T any](l httpd.Listing, all []T, at func(T) httpd.Place) (items []T, page api.Page, link *string, err error) {
	items, next, link, err := httpd.Page(l, all, at)
	page = api.Page{HasMore: next != "", NextCursor: nullable.NewNullNullable[string]()}
	if next != "" {
		page.NextCursor = nullable.NewNullableWithValue(next)
	}
	return items, page, link, err
}
