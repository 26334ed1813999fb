package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/services/agenda/internal/schedulefile"
	"plenary.example/shared/problem"
)

// importPatience is how long an import may take. It is more than a request
// has, and goes on when the client has given up: what has begun is better
// finished, and its answer waits for the repeat. It must be less than live
// waits before it takes a command for abandoned.
const importPatience = 45 * time.Second

// ImportSchedule releases what a schedule file changes.
func (h *handler) ImportSchedule(ctx context.Context, r api.ImportScheduleRequestObject) (api.ImportScheduleResponseObject, error) {
	by, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if _, _, err := h.agendas.Conference(r.Conference); err != nil {
		return nil, err // before anything is said of the file
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	file, err := schedulefile.Read(data)
	if err != nil {
		return nil, refused(err)
	}
	if r.Params.DryRun != nil && *r.Params.DryRun {
		return h.preview(r.Conference, file)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), importPatience)
	defer cancel()
	command := commandID(by.Actor(), "importSchedule "+r.Conference, r.Params.IdempotencyKey)
	answer, replayed, err := h.desk.Once(ctx, r.Conference, command, data, func(since int64, again bool) ([]byte, error) {
		report, err := h.importOnce(ctx, r.Conference, by.Actor(), command, file, since, again)
		if err != nil {
			return nil, err
		}
		return json.Marshal(report)
	})
	if err != nil {
		return nil, err
	}
	var report api.ImportReport
	if err := json.Unmarshal(answer, &report); err != nil {
		return nil, fmt.Errorf("stored report: %w", err)
	}
	return api.ImportSchedule200JSONResponse{Body: report, Headers: api.ImportSchedule200ResponseHeaders{
		PlenaryRevision: report.Revision, IdempotencyReplayed: replayed,
	}}, nil
}

// preview says what the file would change.
func (h *handler) preview(conference string, file schedulefile.File) (api.ImportScheduleResponseObject, error) {
	facts, agenda, err := h.agendas.Conference(conference)
	if err != nil {
		return nil, err
	}
	report := reported(agenda.PlanImport(facts, file, newID, facts.Now(h.now())), agenda.Revision, true)
	return api.ImportSchedule200JSONResponse{Body: report, Headers: api.ImportSchedule200ResponseHeaders{PlenaryRevision: agenda.Revision}}, nil
}

// importOnce releases the file. When an earlier attempt of the same command
// got as far as its release, that one is reported, as the lost answer did.
func (h *handler) importOnce(ctx context.Context, conference, actor, command string, file schedulefile.File, since int64, again bool) (api.ImportReport, error) {
	if again {
		if r, found, err := h.desk.ByCommand(ctx, conference, command, since); err != nil {
			return api.ImportReport{}, err
		} else if found {
			return recalled(r, file), nil
		}
	}
	var plan programme.Plan
	after, _, err := h.desk.Release(ctx, conference, actor, command, func(c programme.Conference, a programme.Agenda) (programme.Proposal, error) {
		plan = a.PlanImport(c, file, newID, c.Now(h.now()))
		return programme.Proposal{Sessions: plan.Sessions(), Rooms: plan.Rooms, Note: "import"}, nil
	})
	if err != nil {
		return api.ImportReport{}, err
	}
	return reported(plan, after.Revision, false), nil
}

// reported is a plan as it is answered.
func reported(p programme.Plan, revision int64, dryRun bool) api.ImportReport {
	report := api.ImportReport{
		Revision: revision, DryRun: dryRun, Unchanged: p.Unchanged,
		Created: items(p.Created), Vanished: items(p.Vanished), Changed: changes(p.Changed), Warnings: warnings(p.Warnings),
	}
	return report
}

// recalled is what a release did, after the plan that made it is gone.
func recalled(r programme.Release, file schedulefile.File) api.ImportReport {
	var created []programme.Session
	var changed []programme.Change
	for _, c := range r.Changes() {
		switch {
		case c.Before == nil:
			created = append(created, *c.After)
		case len(c.Fields) > 0:
			changed = append(changed, c)
		}
	}
	return api.ImportReport{
		Revision: r.Revision, Unchanged: len(file.Items) - len(created) - len(changed),
		Created: items(created), Vanished: items(nil), Changed: changes(changed), Warnings: warnings(file.Warnings),
	}
}

func items(sessions []programme.Session) []api.ImportItem {
	out := make([]api.ImportItem, 0, len(sessions))
	for _, s := range sessions {
		out = append(out, api.ImportItem{SessionID: s.ID, ExternalID: s.External, Title: s.Title.In()})
	}
	return out
}

func changes(all []programme.Change) []api.ImportChange {
	out := make([]api.ImportChange, 0, len(all))
	for _, c := range all {
		item := api.ImportChange{SessionID: c.Session, ExternalID: c.After.External, Title: c.After.Title.In(), Fields: []string{}}
		for _, f := range c.Fields {
			item.Fields = append(item.Fields, string(f))
		}
		out = append(out, item)
	}
	return out
}

func warnings(all []schedulefile.Warning) []api.ImportWarning {
	out := make([]api.ImportWarning, 0, len(all))
	for _, w := range all {
		out = append(out, api.ImportWarning{Code: string(w.Code), Place: w.Place, Line: w.Line, Detail: w.Detail})
	}
	return out
}

// refused turns a reader's refusal into a problem that names the place.
func refused(err error) error {
	bad, ok := errors.AsType[*schedulefile.Error](err)
	if !ok {
		return err
	}
	return problem.New(problem.Malformed, "not_a_schedule", "The file was not imported: %s.", bad.Detail).
		With(problem.Field{Pointer: bad.Place, Code: string(bad.Code), Detail: sentence(bad.Detail), Params: map[string]string{"line": strconv.Itoa(bad.Line)}})
}

// sentence makes one of what the reader of files says in passing.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:] + "."
}

// commandID names a request: the same caller, route and key are the same one.
func commandID(caller, route, key string) string {
	sum := sha256.Sum256([]byte(caller + "\x00" + route + "\x00" + key))
	return hex.EncodeToString(sum[:])
}

// newID is the id of a new session or room. Version 7, so that ids sort by age.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
