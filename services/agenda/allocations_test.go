package agenda_test

import (
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"plenary.example/services/agenda"
	"plenary.example/services/agenda/internal/allocation"
	"plenary.example/shared/client"
)

// rivals are three requests for one room of which whoever comes first takes what
// two ministers want.
func rivals(t *testing.T, s *stage, a *agenda.Service) (experts, first, second client.Meeting) {
	t.Helper()
	kr, hu := liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	two, three := s.clock.day(2, 0), s.clock.day(3, 0)
	small := wish(hungary, two)
	small.Level = client.MeetingLevelExpert
	return kr.asks(small), kr.asks(wish(poland, two, three)), hu.asks(wish(poland, two, three))
}

func (p party) plans(include client.NewAllocationInclude, key string) client.Allocation {
	p.t.Helper()
	res, err := p.PlanAllocationWithResponse(p.t.Context(), "seoul-2013", &client.PlanAllocationParams{IdempotencyKey: &key}, client.NewAllocation{Include: include})
	if err != nil || res.JSON201 == nil {
		p.t.Fatalf("%v %s", err, res.GetBody())
	}
	return *res.JSON201
}

func (p party) applies(id string) client.Allocation {
	p.t.Helper()
	res, err := p.ApplyAllocationWithResponse(p.t.Context(), "seoul-2013", id)
	if err != nil || res.JSON200 == nil {
		p.t.Fatalf("%v %s", err, res.GetBody())
	}
	return *res.JSON200
}

func TestTheDeskPlansWhoMeetsAndAppliesItOnce(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	desk, kr, hu, pl := theDesk(t, s, a), liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary), liaisonOf(t, s, a, poland)
	experts, first, second := rivals(t, s, a)

	not, err := kr.PlanAllocationWithResponse(t.Context(), "seoul-2013", nil, client.NewAllocation{Include: client.NewAllocationIncludeAll})
	refused(t, not, err, http.StatusForbidden, "not_permitted")
	if none := desk.plans(client.NewAllocationIncludeAgreed, "only what is agreed 1"); len(none.Met)+len(none.Refused) > 0 || none.State != "planned" {
		t.Errorf("nobody has agreed to anything: %+v", none)
	}
	plan := desk.plans(client.NewAllocationIncludeAll, "everything there is 1")
	if plan.Worth != 1520 || plan.FirstCome != 820 || plan.FirstComeMet != 2 || plan.Bound < plan.Worth || plan.Seed != 1 || len(plan.Met) != 2 {
		t.Errorf("it is planned as %+v", plan)
	}
	want := []client.RefusedMeeting{{MeetingID: experts.ID, Code: "not_met", Missing: []client.MissingResource{{
		StartsAt: ptr(s.clock.day(2, 0).UTC()), EndsAt: ptr(s.clock.day(2, 25).UTC()), What: "room",
	}}}}
	if !reflect.DeepEqual(plan.Refused, want) {
		t.Errorf("refused are %+v", plan.Refused)
	}
	if i := slices.IndexFunc(plan.Shares, func(x client.AllocationShare) bool { return x.Delegation == poland }); i < 0 || plan.Shares[i].Wishes != 2 || plan.Shares[i].Met != 2 {
		t.Errorf("the shares are %+v", plan.Shares)
	}
	if again := desk.plans(client.NewAllocationIncludeAll, "everything there is 1"); !reflect.DeepEqual(again, plan) {
		t.Errorf("repeated it is %+v", again)
	}
	if another := desk.plans(client.NewAllocationIncludeAll, "everything there is 2"); !reflect.DeepEqual(another.Met, plan.Met) {
		t.Errorf("of one seed there are two plans: %+v, %+v", another.Met, plan.Met)
	}
	if m := kr.reads(first.ID); m.Status != "requested" {
		t.Errorf("a plan changed it: %+v", m)
	}

	late, err := hu.WithdrawMeetingWithResponse(t.Context(), "seoul-2013", second.ID, &client.WithdrawMeetingParams{IfMatch: met(second)}, client.MeetingReason{})
	if err != nil || late.JSON200 == nil {
		t.Fatalf("%v %s", err, late.GetBody())
	}
	done := desk.applies(plan.ID)
	if done.State != "applied" || done.AppliedAt == nil || !slices.Equal(done.Applied, []string{first.ID}) {
		t.Errorf("it is applied as %+v", done)
	}
	if !slices.ContainsFunc(done.Refused, func(x client.RefusedMeeting) bool { return x.MeetingID == second.ID && x.Code == "changed" }) {
		t.Errorf("refused are %+v", done.Refused)
	}
	if again := desk.applies(plan.ID); !reflect.DeepEqual(again, done) {
		t.Errorf("applied again it is %+v", again)
	}
	m := pl.reads(first.ID)
	i := slices.IndexFunc(plan.Met, func(x client.AllocatedMeeting) bool { return x.MeetingID == first.ID })
	if m.Status != "confirmed" || !m.StartsAt.Equal(plan.Met[i].StartsAt) || m.RoomID != bilateral(0) || m.RoomID != plan.Met[i].RoomID || m.Proposal != nil || m.Revision != 2 {
		t.Errorf("it got %+v", m)
	}
	page, err := desk.ListAllocationsWithResponse(t.Context(), "seoul-2013", &client.ListAllocationsParams{Limit: ptr(2)})
	if err != nil || page.JSON200 == nil || len(page.JSON200.Items) != 2 || !page.JSON200.Page.HasMore {
		t.Fatalf("%v %s", err, page.GetBody())
	}
	next := page.JSON200.Page.NextCursor.MustGet()
	last, err := desk.ListAllocationsWithResponse(t.Context(), "seoul-2013", &client.ListAllocationsParams{Limit: ptr(2), Cursor: &next})
	if err != nil || last.JSON200 == nil || len(last.JSON200.Items) != 1 || last.JSON200.Page.HasMore {
		t.Fatalf("%v %s", err, last.GetBody())
	}
	if !slices.ContainsFunc(append(page.JSON200.Items, last.JSON200.Items...), func(x client.AllocationSummary) bool {
		return x.ID == plan.ID && x.State == "applied" && x.Wishes == 3 && x.Met == 2 && x.Applied == 1 && x.Refused == 1
	}) {
		t.Errorf("listed are %s and %s", page.GetBody(), last.GetBody())
	}
	read, err := desk.GetAllocationWithResponse(t.Context(), "seoul-2013", "0190a3c2-7b1e-7c4d-9a51-0000000000ff")
	refused(t, read, err, http.StatusNotFound, "not_found")
}

// TestWhatIsPlannedIsNeverWorseThanServingWhoCameFirst has the same requests
// planned for in one house and accepted in turn in another.
func TestWhatIsPlannedIsNeverWorseThanServingWhoCameFirst(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	rivals(t, s, a)
	desk := theDesk(t, s, a)
	planned := worthOf(t, s, desk, desk.applies(desk.plans(client.NewAllocationIncludeAll, "everything there is 1").ID).Applied)

	s, a = negotiated(t, 1)
	experts, first, second := rivals(t, s, a)
	var served []string
	for _, m := range []client.Meeting{experts, first, second} {
		host := liaisonOf(t, s, a, m.Sides[1].Delegation)
		for _, x := range m.Proposal.Slots {
			res, err := host.AcceptMeetingWithResponse(t.Context(), "seoul-2013", m.ID, &client.AcceptMeetingParams{IfMatch: met(m)}, client.MeetingAcceptance{StartsAt: &x.StartsAt})
			if err != nil {
				t.Fatal(err)
			}
			if res.JSON200 != nil {
				served = append(served, m.ID)
				break
			}
		}
	}
	if first := worthOf(t, s, theDesk(t, s, a), served); planned != 1520 || first != 820 {
		t.Errorf("planned it is worth %d, in turn %d", planned, first)
	}
}

// worthOf is what the meetings are worth as they stand.
func worthOf(t *testing.T, s *stage, desk party, ids []string) (worth int) {
	t.Helper()
	for _, id := range ids {
		m := desk.reads(id)
		rank := slices.Index([]time.Time{s.clock.day(2, 0).UTC(), s.clock.day(3, 0).UTC()}, m.StartsAt.UTC())
		worth += allocation.Worth(map[string]int{"expert": 1, "minister": 8}[m.Level], rank)
	}
	return worth
}

func TestWhatIsLeftToTheDeskGetsTheSlotThatWasAskedForWhereItCan(t *testing.T) {
	t.Parallel()
	s, a := negotiated(t, 1)
	desk, kr, hu := theDesk(t, s, a), liaisonOf(t, s, a, korea), liaisonOf(t, s, a, hungary)
	m := kr.asks(wish(hungary, s.clock.day(4, 0)))
	if m = hu.accepts(m, client.MeetingAcceptance{LeaveToDesk: ptr(true)}); m.Status != "agreed" {
		t.Fatalf("it is %+v", m)
	}
	n := kr.asks(wish(hungary, s.clock.day(4, 0)))
	n = hu.accepts(n, client.MeetingAcceptance{LeaveToDesk: ptr(true)})
	plan := desk.plans(client.NewAllocationIncludeAgreed, "what was left to us 1")
	if len(plan.Met) != 2 || !plan.Met[0].StartsAt.Equal(s.clock.day(4, 0)) || plan.Met[0].Rank != 1 || plan.Met[1].Rank != 0 {
		t.Fatalf("it is planned as %+v", plan)
	}
	if done := desk.applies(plan.ID); len(done.Applied) != 2 || desk.reads(n.ID).Status != "confirmed" {
		t.Errorf("it is applied as %+v", done)
	}
}
