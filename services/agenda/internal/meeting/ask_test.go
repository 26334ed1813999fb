package meeting_test

import (
	"slices"
	"testing"
	"time"

	"plenary.example/services/agenda/internal/meeting"
	"plenary.example/services/agenda/internal/programme"
	"plenary.example/shared/problem"
)

func TestWhoMayAskWhomIsForThePolicyToSay(t *testing.T) {
	t.Parallel()
	s := berlin()
	if err := s.MayAsk("kr", "hu", meeting.Expert); err != nil {
		t.Errorf("without a policy: %v", err)
	}
	refused(t, s.MayAsk("kr", "kr", meeting.Expert), problem.Invalid, "delegation_unknown")
	refused(t, s.MayAsk("kr", "nobody", meeting.Expert), problem.Invalid, "delegation_unknown")

	s.Policy.Levels = []meeting.Level{meeting.Minister}
	refused(t, s.MayAsk("kr", "hu", meeting.Expert), problem.Invalid, "level_closed")
	s.Policy.NotAsked = []meeting.KindPair{{From: "company", To: "*"}}
	refused(t, s.MayAsk("acme", "hu", meeting.Minister), problem.Forbidden, "may_not_ask")
	if err := s.MayAsk("hu", "acme", meeting.Minister); err != nil {
		t.Errorf("the other way round: %v", err)
	}

	s.Policy.OptIn = true
	refused(t, s.MayAsk("kr", "hu", meeting.Minister), problem.Conflict, "not_opted_in")
	s.availability["hu"] = meeting.Availability{OptedIn: true}
	if err := s.MayAsk("kr", "hu", meeting.Minister); err != nil {
		t.Errorf("after opting in: %v", err)
	}
}

func TestADelegationAsksForNoMoreThanItsQuotaOnOneLocalDay(t *testing.T) {
	t.Parallel()
	s := berlin()
	s.Policy.Quota = 2
	confirmed := ministers("confirmed")
	confirmed.Slot, confirmed.Room = slot("09:00", 25), "small"
	s.hold(confirmed)
	asked := ministers("asked")
	asked.Status, asked.Proposal = meeting.Requested, &meeting.Proposal{Slots: []meeting.Slot{slot("11:00", 25), {Start: at("11:00").AddDate(0, 0, 1)}}}
	s.meetings["asked"] = asked
	for id, change := range map[string]func(*meeting.Meeting){
		"was declined":      func(m *meeting.Meeting) { m.Status = meeting.Declined },
		"is informal":       func(m *meeting.Meeting) { m.Place = "the garden" },
		"by the other side": func(m *meeting.Meeting) { m.Sides[0], m.Sides[1] = m.Sides[1], m.Sides[0] },
	} {
		m := confirmed
		m.ID = id
		change(&m)
		s.meetings[id] = m
	}

	e := refused(t, s.OverQuota("kr", at("23:30")), problem.Conflict, "quota_reached")
	if got := e[0].Params; got["day"] != "2026-11-18" || got["quota"] != "2" {
		t.Errorf("it says %v", got)
	}
	for what, err := range map[string]error{
		"the next local day": s.OverQuota("kr", at("23:30").Add(time.Hour)),
		"the one asked":      s.OverQuota("hu", at("12:00")),
		"one of the two":     s.OverQuota("kr", at("12:00"), "asked"),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if name, more := s.Allowance(ministers("new"), slot("12:00", 25)); name != "kr 2026-11-18" || more != 0 {
		t.Errorf("one more may take of %q, where there are %d", name, more)
	}
	if name, _ := s.Allowance(asked, slot("12:00", 25)); name != "" {
		t.Errorf("what counts on that day counts once more against %q", name)
	}
	if name, _ := s.Allowance(s.meetings["is informal"], meeting.Slot{Start: at("12:00").AddDate(0, 0, 1)}); name != "" {
		t.Errorf("what is informal counts against %q", name)
	}
	s.Policy.Quota = 0
	if err := s.OverQuota("kr", at("12:00")); err != nil {
		t.Errorf("without a quota: %v", err)
	}
}

func TestAPolicyUnderWhichNobodyCouldMeetIsRefused(t *testing.T) {
	t.Parallel()
	s := berlin()
	good := meeting.Policy{
		Grid: programme.Grid{Cell: 15, Meeting: 25, Changeover: 5}, Changeovers: map[meeting.Level]int{meeting.HeadOfState: 15},
		Hours: []programme.Hours{{From: "08:00", To: "24:00"}, {Day: "2026-11-16", From: "14:00", To: "18:00"}},
		Rooms: []meeting.RoomRule{{Room: "hall", Levels: []meeting.Level{meeting.HeadOfState}}, {Room: "small"}},
		Quota: 5, MaxSlots: 3, ConfirmBy: 120, NotAsked: []meeting.KindPair{{From: "*", To: "host"}},
	}
	for _, p := range []meeting.Policy{{}, good} {
		if err := s.CheckPolicy(p); err != nil {
			t.Errorf("%+v: %+v", p, problem.From(err).Fields)
		}
	}
	for want, p := range map[string]meeting.Policy{
		"/grid/cell minutes_wrong":                     {Grid: programme.Grid{Cell: 31}},
		"/grid/meeting minutes_wrong":                  {Grid: programme.Grid{Meeting: 24}},
		"/grid/changeover minutes_wrong":               {Grid: programme.Grid{Changeover: 1}},
		"/grid grid_wrong":                             {Grid: programme.Grid{Meeting: 30}},
		"/changeovers/minister minutes_wrong":          {Changeovers: map[meeting.Level]int{meeting.Minister: 7}},
		"/changeovers/king level_unknown":              {Changeovers: map[meeting.Level]int{"king": 10}},
		"/hours/0 hours_wrong":                         {Hours: []programme.Hours{{From: "8:00", To: "20:00"}}},
		"/hours/1 hours_wrong":                         {Hours: []programme.Hours{{From: "08:00", To: "20:00"}, {From: "08:00", To: "25:00"}}},
		"/hours/0 end_before_start":                    {Hours: []programme.Hours{{From: "20:00", To: "20:00"}}},
		"/hours/0/day outside_conference":              {Hours: []programme.Hours{{Day: "2026-11-15", From: "08:00", To: "20:00"}}},
		"/rooms/0/room room_unknown":                   {Rooms: []meeting.RoomRule{{Room: "nowhere"}}},
		"/rooms/1/room room_twice":                     {Rooms: []meeting.RoomRule{{Room: "small"}, {Room: "small"}}},
		"/rooms/0/levels level_unknown":                {Rooms: []meeting.RoomRule{{Room: "small", Levels: []meeting.Level{"king"}}}},
		"/levels level_unknown":                        {Levels: []meeting.Level{"king"}},
		"/quota out_of_range":                          {Quota: -1},
		"/maxSlots out_of_range":                       {MaxSlots: 11},
		"/notAsked/0 kind_missing":                     {NotAsked: []meeting.KindPair{{From: "company"}}},
		"/grid/cell minutes_wrong /quota out_of_range": {Grid: programme.Grid{Cell: 7}, Quota: -3},
	} {
		e := refused(t, s.CheckPolicy(p), problem.Invalid, "policy_wrong")
		var got string
		for _, f := range faults(e) {
			got += " " + f
		}
		if got[1:] != want {
			t.Errorf("%+v has the faults%s, want %s", p, got, want)
		}
	}
}

func TestWindowsNobodyCanHaveMeantAreRefused(t *testing.T) {
	t.Parallel()
	s := berlin()
	a := meeting.Availability{Delegation: "kr", Windows: []meeting.Window{
		{Start: at("09:00"), End: at("10:00")},
		{Principal: "kr1", Start: at("09:00"), End: at("10:00")},
	}}
	if err := s.CheckAvailability(a); err != nil {
		t.Error(err)
	}
	a.Windows = append(a.Windows, meeting.Window{Principal: "hu1", Start: at("09:00"), End: at("10:00")},
		meeting.Window{Start: at("10:00"), End: at("10:00")}, meeting.Window{Principal: "nobody", Start: at("11:00"), End: at("10:00")})
	want := []string{"/windows/2/principal principal_unknown", "/windows/3/endsAt end_before_start", "/windows/4/endsAt end_before_start", "/windows/4/principal principal_unknown"}
	if got := faults(refused(t, s.CheckAvailability(a), problem.Invalid, "availability_wrong")); !slices.Equal(got, want) {
		t.Errorf("the faults are %v, want %v", got, want)
	}
	a.Windows = slices.Repeat(a.Windows[:1], 201)
	if got := faults(refused(t, s.CheckAvailability(a), problem.Invalid, "availability_wrong")); !slices.Equal(got, []string{"/windows too_many"}) {
		t.Errorf("the faults are %v", got)
	}
	a.Windows = a.Windows[:200]
	if err := s.CheckAvailability(a); err != nil {
		t.Error(err)
	}
}
