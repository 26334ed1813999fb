package rest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"plenary.example/services/notifications/internal/preferences"
	"plenary.example/services/notifications/internal/rest/api"
	"plenary.example/shared/httpd"
	"plenary.example/shared/problem"
)

// GetPreferences answers what may buzz on the caller's phones.
func (h *handler) GetPreferences(ctx context.Context, _ api.GetPreferencesRequestObject) (api.GetPreferencesResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	p, err := h.Preferences.Stored(ctx, me.Conference, me.Delegate)
	if err != nil {
		return nil, err
	}
	return api.GetPreferences200JSONResponse{Headers: api.GetPreferences200ResponseHeaders{ETag: httpd.ETag(p.Revision, "")}, Body: preferred(p)}, nil
}

// SetPreferences takes the caller's choice.
func (h *handler) SetPreferences(ctx context.Context, r api.SetPreferencesRequestObject) (api.SetPreferencesResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	revision, err := httpd.IfMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	c, wrong := choice(*r.Body)
	if len(wrong) > 0 {
		return nil, problem.New(problem.Invalid, "preferences_wrong", "These preferences do not hold together.").With(wrong...)
	}
	p, err := h.Preferences.Choose(ctx, me.Conference, me.Delegate, revision, c)
	if err != nil {
		return nil, err
	}
	return api.SetPreferences200JSONResponse{Headers: api.SetPreferences200ResponseHeaders{ETag: httpd.ETag(p.Revision, "")}, Body: preferred(p)}, nil
}

// MuteSession has the caller's phones hear of a session no more.
func (h *handler) MuteSession(ctx context.Context, r api.MuteSessionRequestObject) (api.MuteSessionResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if !h.Session(me.Conference, r.Session) {
		return nil, problem.Hidden()
	}
	if err := h.Preferences.Mute(ctx, me.Conference, me.Delegate, r.Session); err != nil {
		return nil, err
	}
	return api.MuteSession204Response{}, nil
}

// UnmuteSession has them hear of it again.
func (h *handler) UnmuteSession(ctx context.Context, r api.UnmuteSessionRequestObject) (api.UnmuteSessionResponseObject, error) {
	me, err := who(ctx)
	if err != nil {
		return nil, err
	}
	if !h.Session(me.Conference, r.Session) {
		return nil, problem.Hidden()
	}
	if err := h.Preferences.Unmute(ctx, me.Conference, me.Delegate, r.Session); err != nil {
		return nil, err
	}
	return api.UnmuteSession204Response{}, nil
}

// choice reads what somebody chose; what they left out is as usual. wrong says
// what cannot be.
func choice(b api.NewPreferences) (c preferences.Choice, wrong []problem.Field) {
	c = preferences.Usual()
	if b.Push != nil {
		c.Off = off(*b.Push)
	}
	if b.Language != nil {
		c.Language = *b.Language
	}
	c.Neutral = b.LockScreen != nil && *b.LockScreen == api.NewPreferencesLockScreenNeutral
	if q := b.QuietHours; q != nil {
		c.Quiet = &preferences.Quiet{From: preferences.Clock(q.From), To: preferences.Clock(q.To), Zone: or(q.Timezone, preferences.OfConference)}
		wrong = append(wrong, times("/quietHours/from", c.Quiet.From)...)
		wrong = append(wrong, times("/quietHours/to", c.Quiet.To)...)
		wrong = append(wrong, zone("/quietHours/timezone", c.Quiet.Zone, preferences.OfConference, preferences.OfPhone)...)
		if c.Quiet.From == c.Quiet.To {
			wrong = append(wrong, problem.Field{Pointer: "/quietHours/to", Code: "empty_span", Detail: "Quiet hours end at another time than they begin."})
		}
	}
	if d := b.Digest; d != nil {
		c.Digest = &preferences.Digest{Zone: or(d.Timezone, preferences.OfConference)}
		for i, at := range d.At {
			c.Digest.At = append(c.Digest.At, preferences.Clock(at))
			wrong = append(wrong, times(fmt.Sprintf("/digest/at/%d", i), preferences.Clock(at))...)
		}
		slices.Sort(c.Digest.At)
		wrong = append(wrong, repeated("/digest/at", c.Digest.At)...)
		wrong = append(wrong, zone("/digest/timezone", c.Digest.Zone, preferences.OfConference)...)
	}
	if l := b.Reminders; l != nil {
		wrong = append(wrong, leads(&c.Leads.Sessions, l.Sessions, "/reminders/sessions")...)
		wrong = append(wrong, leads(&c.Leads.Meetings, l.Meetings, "/reminders/meetings")...)
	}
	return c, wrong
}

func off(p api.PushChoice) []preferences.Group {
	groups := []preferences.Group{}
	for _, g := range []struct {
		of preferences.Group
		on *bool
	}{
		{preferences.Sessions, p.Sessions},
		{preferences.Meetings, p.Meetings},
		{preferences.Reminders, p.Reminders},
		{preferences.Announcements, p.Announcements},
		{preferences.Documents, p.Documents},
	} {
		if g.on != nil && !*g.on {
			groups = append(groups, g.of)
		}
	}
	return groups
}

func or(chosen *string, usual string) string {
	if chosen == nil {
		return usual
	}
	return *chosen
}

// times complains of what is no time of day.
func times(pointer string, c preferences.Clock) []problem.Field {
	if c.Valid() {
		return nil
	}
	return []problem.Field{{Pointer: pointer, Code: "time_of_day", Detail: "A time of day is four digits, as 22:00."}}
}

// zone complains of what is neither one of the words nor the name of a time zone.
func zone(pointer, name string, words ...string) []problem.Field {
	if slices.Contains(words, name) {
		return nil
	}
	if _, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		return nil
	}
	return []problem.Field{{Pointer: pointer, Code: "timezone_unknown", Detail: "This is not the IANA name of a time zone."}}
}

// leads takes minutes, in order.
func leads(into *[]int, chosen *api.LeadMinutes, pointer string) []problem.Field {
	if chosen == nil {
		return nil
	}
	*into = append([]int{}, *chosen...) // none is not nothing chosen
	slices.Sort(*into)
	return repeated(pointer, *into)
}

// repeated complains of what is there twice, in a list in order.
func repeated[T comparable](pointer string, all []T) []problem.Field {
	if len(slices.Compact(slices.Clone(all))) == len(all) {
		return nil
	}
	return []problem.Field{{Pointer: pointer, Code: "repeated", Detail: "Each can be there once."}}
}

// preferred is how preferences are answered.
func preferred(p preferences.Preferences) api.Preferences {
	on := func(g preferences.Group) bool { return !slices.Contains(p.Off, g) }
	out := api.Preferences{
		Push: api.PushChosen{
			Sessions: on(preferences.Sessions), Meetings: on(preferences.Meetings), Reminders: on(preferences.Reminders),
			Announcements: on(preferences.Announcements), Documents: on(preferences.Documents),
		},
		Language: p.Language, LockScreen: string(api.NewPreferencesLockScreenFull), Revision: p.Revision,
		Reminders:     api.RemindersChosen{Sessions: append([]int{}, p.Leads.Sessions...), Meetings: append([]int{}, p.Leads.Meetings...)},
		MutedSessions: append([]string{}, p.Muted...),
	}
	if p.Neutral {
		out.LockScreen = string(api.NewPreferencesLockScreenNeutral)
	}
	if q := p.Quiet; q != nil {
		out.QuietHours = &api.QuietHoursChosen{From: string(q.From), To: string(q.To), Timezone: q.Zone}
	}
	if d := p.Digest; d != nil {
		out.Digest = &api.DigestChosen{Timezone: d.Zone}
		for _, at := range d.At {
			out.Digest.At = append(out.Digest.At, string(at))
		}
	}
	return out
}

// phoneZone is where a phone says it is; empty when it does not say.
func phoneZone(name *string) (string, error) {
	if name == nil {
		return "", nil
	}
	if wrong := zone("/timezone", *name); len(wrong) > 0 {
		return "", problem.New(problem.Invalid, "timezone_unknown", "The phone was not registered.").With(wrong...)
	}
	return *name, nil
}
