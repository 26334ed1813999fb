package agenda_test

import (
	"net/http"
	"testing"

	"plenary.example/services/agenda"
	"plenary.example/shared/client"
)

// machine is the secretariat's system, which has an API key.
func machine(t testing.TB, s *stage, a *agenda.Service) desk {
	return desk{s.as(t, a, claims{"sub": "key:robot", "conference": "seoul-2013", "scopes": []string{"agenda:write"}}), t}
}

func TestAnAPIKeyTypesNoCount(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	robot := machine(t, s, a)
	_, tag := robot.drafted()
	for n := 10; n < 20; n++ {
		body := s.body(n, roomID(n%rooms))
		body.StartsAt, body.EndsAt, body.People = body.StartsAt.Add(10*3600e9), body.EndsAt.Add(10*3600e9), nil
		put := robot.put(n, tag, body)
		if put.JSON200 == nil {
			t.Fatalf("%s", put.GetBody())
		}
		tag = put.HTTPResponse.Header.Get("ETag")
	}
	out := robot.release(tag, client.ReleaseRequest{Confirm: &client.Confirmation{Count: 0}})
	if out.JSON202 == nil || out.JSON202.Count != 0 || out.JSON202.Actor != "key:robot" {
		t.Fatalf("not held: %s", out.GetBody())
	}
	tag = out.HTTPResponse.Header.Get("ETag")
	held := client.ConfirmReleaseParams{IfMatch: tag}
	other := desk{s.as(t, a, claims{"sub": "key:other", "conference": "seoul-2013", "scopes": []string{"agenda:write"}}), t}
	for _, key := range []desk{robot, other} {
		got, err := key.ConfirmReleaseWithResponse(t.Context(), "seoul-2013", &held, client.ReleaseConfirmation{Count: &out.JSON202.Count})
		spoken(t, refused(t, got, err, http.StatusForbidden, "not_permitted"))
	}
	done, err := deskOf(t, s, a).ConfirmReleaseWithResponse(t.Context(), "seoul-2013", &held, client.ReleaseConfirmation{})
	if err != nil || done.JSON200 == nil || done.JSON200.Actor != "key:robot" || done.JSON200.Revision != 2 {
		t.Fatalf("a person confirms: %v %s", err, done.GetBody())
	}
	back, err := robot.RollBackWithResponse(t.Context(), "seoul-2013", 1, &client.RollBackParams{}, client.RollBackRequest{Confirm: &client.Confirmation{Count: 0}})
	if err != nil || back.JSON202 == nil {
		t.Fatalf("a roll-back is not held: %v %s", err, back.GetBody())
	}
	if tag := back.HTTPResponse.Header.Get("ETag"); tag != "" {
		t.Errorf("who rolls back is given the tag %s of a draft they have not seen", tag)
	}
	person := deskOf(t, s, a)
	_, tag = person.drafted()
	done, err = person.ConfirmReleaseWithResponse(t.Context(), "seoul-2013", &client.ConfirmReleaseParams{IfMatch: tag}, client.ReleaseConfirmation{Count: &back.JSON202.Count})
	if err != nil || done.JSON200 == nil || done.JSON200.Kind != "roll_back" {
		t.Errorf("who has read it confirms: %v %s", err, done.GetBody())
	}
}

func TestAnAPIKeyDelaysOneSessionAndNotMany(t *testing.T) {
	t.Parallel()
	s, a := loaded(t, seed("seoul-2013", 24))
	robot := machine(t, s, a)
	late := client.Delay{Minutes: 20, Scope: client.DelayScopeRoom, Confirm: &client.Confirmation{Count: 0}}
	many, err := robot.delay(10, `"1-en"`, late, "")
	spoken(t, refused(t, many, err, http.StatusForbidden, "person_required"))
	late.Scope, late.Confirm = client.DelayScopeSession, nil
	if one, err := robot.delay(20, `"1-en"`, late, ""); err != nil || one.JSON200 == nil {
		t.Errorf("%v %s", err, one.GetBody())
	}
}
