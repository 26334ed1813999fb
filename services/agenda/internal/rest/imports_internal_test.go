package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/draft"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/services/agenda/internal/rest/api"
	"plenary.example/services/agenda/internal/schedulefile"
)

// oneDraft keeps a draft over an empty agenda.
type oneDraft struct {
	drafts
	d draft.Draft
}

func (o *oneDraft) Draft(context.Context, string) (draft.Draft, error) { return o.d, nil }

func (o *oneDraft) EditDraft(_ context.Context, _, _ string, _ int64, change func(draft.Draft, programme.Conference, programme.Agenda) (draft.Draft, error)) (draft.Draft, error) {
	d, err := change(o.d, programme.Conference{ID: "c"}, programme.Empty("c"))
	if d.Imported != o.d.Imported {
		d.Revision++
	}
	o.d = d
	return d, err
}

// A process that is killed between the draft and the answer leaves a command
// without an answer. Its repeat gets the one that was lost; a new command is told
// that nothing is left to do.
func TestAnImportWhoseAnswerWasLostIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	h := &handler{drafts: &oneDraft{d: draft.Draft{ID: "c"}}, now: time.Now}
	at := time.Date(2013, 10, 17, 0, 0, 0, 0, time.UTC)
	file := schedulefile.File{Items: []schedulefile.Item{{GUID: "a", Title: "A", Room: "Hall", Start: at, End: at.Add(time.Hour)}}}
	imports := func(command string, again bool) []byte {
		t.Helper()
		answer, err := h.importOnce(t.Context(), "c", "desk", command, file, again)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	first := imports("one", false)
	if again := imports("one", true); !bytes.Equal(first, again) {
		t.Errorf("answered %s, and then %s", first, again)
	}
	for _, again := range []bool{false, true} {
		var other api.ImportReport
		if err := json.Unmarshal(imports("two", again), &other); err != nil || len(other.Created) != 0 || other.Unchanged != 1 || other.Draft != 1 {
			t.Errorf("%v %+v", err, other)
		}
	}
}
