package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/services/agenda/internal/schedulefile"
	"plenary.example/shared/problem"
)

// importPatience is how long an import may take. It goes on when the client has
// given up: what has begun is better finished, and its answer waits for the
// repeat. It must be less than live waits before it takes a command for
// abandoned.
const importPatience = 45 * time.Second

// deadlines are of the requests that carry a whole agenda, or all its meetings.
var deadlines = map[string]time.Duration{
	"importSchedule": importPatience, "releaseDraft": importPatience, "confirmRelease": importPatience,
	"planAllocation": allocationPatience, "applyAllocation": allocationPatience,
}

// ImportSchedule brings what a schedule file changes into the draft.
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
		return h.preview(ctx, r.Conference, file)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), importPatience)
	defer cancel()
	command := commandID(by.Actor(), "importSchedule "+r.Conference, r.Params.IdempotencyKey)
	answer, replayed, err := h.desk.Once(ctx, r.Conference, command, data, func(_ int64, again bool) ([]byte, error) {
		return h.importOnce(ctx, r.Conference, by.Actor(), command, file, again)
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
func (h *handler) preview(ctx context.Context, conference string, file schedulefile.File) (api.ImportScheduleResponseObject, error) {
	was, err := h.drafts.Draft(ctx, conference)
	if err != nil {
		return nil, err
	}
	facts, agenda, err := h.agendas.Conference(conference)
	if err != nil {
		return nil, err
	}
	d, plan := was.Import(facts, agenda, file, newID, h.now())
	report := reported(plan, agenda.Revision, d)
	report.DryRun = true
	return api.ImportSchedule200JSONResponse{Body: report, Headers: api.ImportSchedule200ResponseHeaders{PlenaryRevision: agenda.Revision}}, nil
}

// importOnce brings the file into the draft and answers the report, as JSON. When
// an earlier attempt of the same command got as far as the draft, that one is
// reported, as the lost answer did; the draft keeps the last report for it.
func (h *handler) importOnce(ctx context.Context, conference, actor, command string, file schedulefile.File, again bool) ([]byte, error) {
	if again {
		if d, err := h.drafts.Draft(ctx, conference); err != nil {
			return nil, err
		} else if d.Imported != nil && d.Imported.Command == command {
			return d.Imported.Answer, nil
		}
	}
	var answer []byte
	_, err := h.drafts.EditDraft(ctx, conference, actor, 0, func(was draft.Draft, c programme.Conference, a programme.Agenda) (draft.Draft, error) {
		d, plan := was.Import(c, a, file, newID, h.now())
		changes := len(plan.Sessions())+len(plan.Rooms) > 0 || !slices.Equal(d.Review, was.Review)
		report := reported(plan, a.Revision, d)
		report.Draft = was.Revision
		if changes {
			report.Draft++
		}
		var err error
		if answer, err = json.Marshal(report); err != nil || !changes {
			return was, err
		}
		d.Imported = &draft.Imported{Command: command, Answer: answer}
		return d, nil
	})
	return answer, err
}

// reported is a plan as it is answered. revision is the agenda's; d is the draft
// with the plan in it.
func reported(p programme.Plan, revision int64, d draft.Draft) api.ImportReport {
	return api.ImportReport{
		Revision: revision, Unchanged: p.Unchanged, Review: d.Undecided(),
		Created: items(p.Created), Vanished: items(p.Vanished), Changed: changes(p.Changed), Warnings: warnings(p.Warnings),
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
