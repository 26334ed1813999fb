package rest

import (
	"bytes"
	"context"
	"time"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/services/delegates/internal/sheet"
)

type office interface {
	Issue(ctx context.Context, o accreditation.Order) ([]accreditation.Letter, error)
}

// IssueCodes answers POST …/activation-codes.
func (h signInHandler) IssueCodes(ctx context.Context, r api.IssueCodesRequestObject) (api.IssueCodesResponseObject, error) {
	who, err := person(ctx)
	if err != nil {
		return nil, err
	}
	order := accreditation.Order{Conference: who.Conference, By: who.Actor()}
	if r.Body.Delegates != nil {
		order.Delegates = *r.Body.Delegates
	}
	if r.Body.Delegation != nil {
		order.Delegation = *r.Body.Delegation
	}
	order.Everybody = r.Body.Everybody != nil && *r.Body.Everybody
	if r.Body.ValidDays != nil {
		order.Life = time.Duration(*r.Body.ValidDays) * 24 * time.Hour
	}
	letters, err := h.room.Office.Issue(ctx, order)
	if err != nil {
		return nil, err
	}
	var table bytes.Buffer
	if err := sheet.Write(&table, letterHeader, func(yield func([]string) bool) {
		for _, l := range letters {
			if !yield(letterRow(l)) {
				return
			}
		}
	}); err != nil {
		return nil, err
	}
	name := `attachment; filename="activation-codes.csv"`
	return api.IssueCodes200TextCsvResponse{
		Body: &table, ContentLength: int64(table.Len()), Headers: api.IssueCodes200ResponseHeaders{ContentDisposition: &name},
	}, nil
}

var letterHeader = []string{"accreditation", "name", "delegation", "email", "language", "activationCode", "expiresAt"}

func letterRow(l accreditation.Letter) []string {
	language, expires := "", ""
	if len(l.Delegate.Languages) > 0 {
		language = l.Delegate.Languages[0]
	}
	if l.Code != "" {
		expires = l.Expires.Format(time.RFC3339)
	}
	return []string{l.Delegate.Accreditation, l.Delegate.Name, l.Designation, l.Delegate.Email, language, accreditation.Printed(l.Code), expires}
}
