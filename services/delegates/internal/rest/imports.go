package rest

import (
	"context"
	"fmt"
	"io"

	"github.com/oapi-codegen/nullable"
	"golang.org/x/text/language"

	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/rest/api"
	"plenary.example/services/delegates/internal/roll"
	"plenary.example/services/delegates/internal/sheet"
	"plenary.example/shared/caller"
	"plenary.example/shared/problem"
)

// imports take tables of people in.
type imports interface {
	Take(ctx context.Context, kind string, t *sheet.Table, asked roll.Asked) (roll.Report, error)
}

// facts are what a conference is like.
type facts interface {
	Of(conference string) delegate.Facts
}

// ImportDelegations answers POST /v1/conferences/{conference}/delegation-imports.
func (h *listHandler) ImportDelegations(ctx context.Context, r api.ImportDelegationsRequestObject) (api.ImportDelegationsResponseObject, error) {
	report, err := h.take(ctx, table{
		kind: roll.KindDelegations, form: sheet.Delegations(), conference: r.Conference,
		file: r.Body, columns: r.Params.Columns, language: r.Params.Language, dryRun: r.Params.DryRun,
	})
	return api.ImportDelegations200JSONResponse(report), err
}

// ImportDelegates answers POST /v1/conferences/{conference}/delegate-imports.
func (h *listHandler) ImportDelegates(ctx context.Context, r api.ImportDelegatesRequestObject) (api.ImportDelegatesResponseObject, error) {
	report, err := h.take(ctx, table{
		kind: roll.KindDelegates, form: sheet.Delegates(), conference: r.Conference,
		file: r.Body, columns: r.Params.Columns, language: r.Params.Language, dryRun: r.Params.DryRun,
	})
	return api.ImportDelegates200JSONResponse(report), err
}

// table is a request to take one in.
type table struct {
	kind       string
	form       sheet.Form
	conference string
	file       io.Reader
	columns    *[]string
	language   *string
	dryRun     *bool
}

func (h *listHandler) take(ctx context.Context, r table) (api.PeopleImportReport, error) {
	by, ok := caller.From(ctx)
	if !ok {
		return api.PeopleImportReport{}, problem.New(problem.Unauthenticated, "token_missing", "Sign in first.")
	}
	data, err := io.ReadAll(r.file)
	if err != nil {
		return api.PeopleImportReport{}, fmt.Errorf("read the table: %w", err)
	}
	var columns []string
	if r.columns != nil {
		columns = *r.columns
	}
	t, err := sheet.Read(data, r.form, columns, h.language(r.conference, r.language))
	if err != nil {
		return api.PeopleImportReport{}, err
	}
	dry := r.dryRun != nil && *r.dryRun
	report, err := h.room.Imports.Take(ctx, r.kind, t, roll.Asked{Conference: r.conference, By: by, DryRun: dry})
	if err != nil {
		return api.PeopleImportReport{}, err
	}
	return reported(t, report, dry), nil
}

// language is the one asked for, or the conference's first, as tags are written.
func (h *listHandler) language(conference string, asked *string) string {
	tag := h.room.Conferences.Of(conference).Languages[0]
	if asked != nil {
		tag = *asked
	}
	if t, err := language.Parse(tag); err == nil {
		return t.String()
	}
	return tag
}

func reported(t *sheet.Table, r roll.Report, dry bool) api.PeopleImportReport {
	out := api.PeopleImportReport{
		Import: r.Import, DryRun: dry, Delimiter: string(t.Delimiter),
		Created: roll.Count(r.Rows, roll.Created), Changed: roll.Count(r.Rows, roll.Changed),
		Left: roll.Count(r.Rows, roll.Left), Refused: roll.Count(r.Rows, roll.Refused),
		Columns: make([]api.ImportColumn, 0, len(t.Columns)), Rows: make([]api.ImportRow, 0, len(r.Rows)),
	}
	for _, c := range t.Columns {
		column := api.ImportColumn{Header: c.Header, Field: nullable.NewNullNullable[string]()}
		if c.Field != "" {
			column.Field = nullable.NewNullableWithValue(string(c.Field))
		}
		out.Columns = append(out.Columns, column)
	}
	for _, row := range r.Rows {
		item := api.ImportRow{
			Row: row.Number, ExternalID: row.ExternalID, Outcome: string(row.Outcome), ID: row.ID,
			Fields: append([]string{}, row.Fields...), Errors: make([]api.RowError, 0, len(row.Faults)),
		}
		for _, f := range row.Faults {
			e := api.RowError{Column: f.Column, Code: f.Code, Detail: f.Detail}
			if len(f.Params) > 0 {
				e.Params = &f.Params
			}
			item.Errors = append(item.Errors, e)
		}
		out.Rows = append(out.Rows, item)
	}
	return out
}
