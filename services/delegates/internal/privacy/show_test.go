package privacy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plenary.example/services/delegates/internal/accreditation"
	"plenary.example/services/delegates/internal/audit"
	"plenary.example/services/delegates/internal/delegate"
	"plenary.example/services/delegates/internal/participants"
	"plenary.example/services/delegates/internal/passkey"
	"plenary.example/services/delegates/internal/privacy"
	"plenary.example/services/delegates/internal/seat"
	"plenary.example/services/delegates/internal/token"
	"plenary.example/shared/caller"
	"plenary.example/shared/event"
	"plenary.example/shared/problem"
)

// fill gives every field of a document a value that can be recognised, and
// returns the values that open something apart from all others.
func fill(v reflect.Value, path string, seen *[]string, secrets *[]string) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			at := time.Date(2013, 1, 1, 0, 0, len(*seen), 0, time.UTC)
			v.Set(reflect.ValueOf(at))
			*seen = append(*seen, at.Format(time.RFC3339))
			return
		}
		for f, x := range v.Fields() {
			if !f.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("bson"), ",")
			into := seen
			if name == "hash" || name == "code" {
				into = secrets
			}
			fill(x, path+"."+name, into, secrets)
		}
	case reflect.String:
		v.SetString("value of " + path)
		*seen = append(*seen, v.String())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(1_000_000 + len(*seen)))
		*seen = append(*seen, fmt.Sprint(v.Int()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte("bytes of " + path))
			b, _ := json.Marshal(v.Bytes())
			*seen = append(*seen, string(b))
			return
		}
		fill(v.Index(0), path+"[]", seen, secrets)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"hu": "value of " + path}))
		*seen = append(*seen, "value of "+path)
	default:
		panic("a document has a field of kind " + v.Kind().String() + " at " + path)
	}
}

// TestEveryFieldOfEveryDocumentIsShown, also one that comes tomorrow; and none
// that opens anything.
func TestEveryFieldOfEveryDocumentIsShown(t *testing.T) {
	t.Parallel()
	for _, doc := range []any{
		&delegate.Delegate{}, &accreditation.Accreditation{}, &accreditation.Guesses{}, &token.Family{}, &passkey.Passkey{},
		&seat.Substitution{}, &audit.Act{}, &participants.Person{},
	} {
		var seen, secrets []string
		v := reflect.ValueOf(doc).Elem()
		fill(v, v.Type().String(), &seen, &secrets)
		shown, err := json.Marshal(privacy.Show([]any{doc}))
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range seen {
			if !strings.Contains(string(shown), value) {
				t.Errorf("%T is shown without %s: %s", doc, value, shown)
			}
		}
		for _, value := range secrets {
			if strings.Contains(string(shown), value) {
				t.Errorf("%T is shown with a secret %s", doc, value)
			}
		}
		for _, f := range reflect.VisibleFields(v.Type()) {
			name, _, _ := strings.Cut(f.Tag.Get("bson"), ",")
			if !strings.Contains(string(shown), `"`+name+`":`) {
				t.Errorf("%T is shown without a field %s", doc, name)
			}
		}
	}
}

// others are the other services.
type others map[string]error

func (o others) AskPatiently(_ context.Context, _, what string, question, reply any) error {
	if err := o[what]; err != nil {
		return err
	}
	if question != (event.PersonalData{Delegate: "kim"}) {
		return errors.New("asked about somebody else")
	}
	return json.Unmarshal(fmt.Appendf(nil, `{"from":%q}`, what), reply)
}

func TestHalfTheTruthIsNoAnswer(t *testing.T) {
	t.Parallel()
	me := caller.Caller{Delegate: "kim", Conference: seoul}
	ours := []privacy.Source{{Name: "record", Read: func(context.Context, string, string) (any, error) { return delegate.Delegate{Name: "Kim"}, nil }}}
	d, err := privacy.Everything{Sources: ours, Others: others{}}.Of(t.Context(), me)
	if err != nil || d.Agenda["from"] != event.AskAgendaData || d.Notifications["from"] != event.AskNoticeData || d.Delegates["record"] == nil {
		t.Errorf("%+v, %v", d, err)
	}
	away := problem.New(problem.Unavailable, "not_answered", "Away.")
	for _, what := range []string{event.AskAgendaData, event.AskNoticeData} {
		d, err := privacy.Everything{Sources: ours, Others: others{what: away}}.Of(t.Context(), me)
		if p := problem.From(err); err == nil || p.Kind != problem.Unavailable || p.RetryAfter == 0 || d.Delegates != nil {
			t.Errorf("without %s: %+v, %v", what, d, err)
		}
	}
	broken := slices.Concat(ours, []privacy.Source{{Name: "broken", Read: func(context.Context, string, string) (any, error) { return nil, errors.New("broken") }}})
	if d, err := (privacy.Everything{Sources: broken, Others: others{}}).Of(t.Context(), me); err == nil || d.Agenda != nil {
		t.Errorf("without a room of ours: %+v, %v", d, err)
	}
}
