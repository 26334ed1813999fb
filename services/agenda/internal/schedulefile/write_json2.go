package schedulefile

import "cmp"

// The objects of schedule2, where events are one list and days have only a
// beginning and an end.
type (
	json2Schedule struct {
		Version    string          `json:"version"`
		Conference json2Conference `json:"conference"`
		Events     []any           `json:"events"`
	}
	json2Conference struct {
		Acronym  string       `json:"acronym"`
		Title    string       `json:"title"`
		Start    string       `json:"start"`
		End      string       `json:"end"`
		Timeslot string       `json:"timeslot_duration"`
		Zone     string       `json:"time_zone_name"`
		Tracks   []json2Track `json:"tracks"`
		Rooms    []json2Room  `json:"rooms"`
		Days     []json2Day   `json:"days"`
	}
	json2Track struct {
		Name string `json:"name"`
		Slug string `json:"slug"`
	}
	json2Room struct {
		Name     string `json:"name"`
		GUID     string `json:"guid"`
		Capacity *int   `json:"capacity"`
	}
	json2Place struct {
		Name string `json:"name"`
		GUID string `json:"guid"`
	}
	json2Day struct {
		Index int    `json:"index"`
		Date  string `json:"date"`
		Start string `json:"start"`
		End   string `json:"end"`
	}
	json2Meta struct { // a break
		Type   string      `json:"type"`
		Title  string      `json:"title"`
		GUID   string      `json:"guid"`
		Start  string      `json:"start"`
		End    string      `json:"end"`
		Room   *json2Place `json:"room,omitempty"`
		Status string      `json:"status"`
	}
	json2Event struct {
		GUID         string             `json:"guid"`
		Start        string             `json:"start"`
		End          string             `json:"end"`
		Duration     string             `json:"duration"`
		Room         *json2Place        `json:"room"`
		Slug         string             `json:"slug"`
		Title        string             `json:"title"`
		Subtitle     *string            `json:"subtitle"`
		Track        *json2Track        `json:"track"`
		Type         string             `json:"type"`
		Language     *string            `json:"language"`
		Abstract     *string            `json:"abstract"`
		Description  *string            `json:"description"`
		Participants []json2Participant `json:"participants"`
		Links        []struct{}         `json:"links"`
		Attachments  []struct{}         `json:"attachments"`
		Status       string             `json:"status"`
	}
	json2Participant struct {
		GUID string `json:"guid"`
		Name string `json:"name"`
		Role string `json:"role"`
	}
)

// WriteJSON2 is s as schedule2. The same schedule is the same bytes.
func WriteJSON2(s Schedule) ([]byte, error) {
	l := lay(s)
	doc := json2Schedule{Version: l.Version, Events: []any{}, Conference: json2Conference{
		Acronym: l.acronym(), Title: printable(l.Conference.Title), Timeslot: timeslot, Zone: l.Conference.TimeZone,
		Tracks: []json2Track{}, Rooms: []json2Room{}, Days: []json2Day{},
	}}
	c := &doc.Conference
	places := make(map[string]*json2Place, len(l.Rooms))
	for _, r := range l.Rooms {
		c.Rooms = append(c.Rooms, json2Room{printable(r.Name), r.ID, capacity(r)})
		places[r.Name] = &json2Place{printable(r.Name), r.ID}
	}
	for i, d := range l.days {
		c.Days = append(c.Days, json2Day{i + 1, d.date, l.date(d.start), l.date(d.end)})
		c.Start, c.End = c.Days[0].Start, c.Days[i].End
	}
	tracks := map[string]*json2Track{}
	for _, d := range l.days {
		for _, x := range d.sessions {
			if x.Track != "" && tracks[x.Track] == nil {
				name := printable(x.Track)
				tracks[x.Track] = &json2Track{name, cmp.Or(slugged(name), "track_"+personID(name)[:8])}
				c.Tracks = append(c.Tracks, *tracks[x.Track])
			}
			doc.Events = append(doc.Events, l.json2Event(x, places[x.Room], tracks[x.Track]))
		}
	}
	return encoded(doc)
}

func (l layout) json2Event(s Session, at *json2Place, track *json2Track) any {
	kind := json2Type(s.Type)
	if kind == "break" {
		return json2Meta{kind, printable(s.Title), s.GUID, l.date(s.Start), l.date(s.End), at, status(s)}
	}
	e := json2Event{
		GUID: s.GUID, Start: l.date(s.Start), End: l.date(s.End), Duration: lasts(s), Room: at, Slug: l.slug(s),
		Title: printable(s.Title), Subtitle: orNull(printable(s.Subtitle)), Track: track, Type: kind, Language: json2Language(s.Language),
		Abstract: orNull(printable(s.Abstract)), Description: orNull(printable(s.Description)),
		Participants: []json2Participant{}, Links: []struct{}{}, Attachments: []struct{}{}, Status: status(s),
	}
	for _, p := range s.Participants {
		role := p.Role
		if role == "chair" {
			role = "host" // the nearest the format has
		}
		e.Participants = append(e.Participants, json2Participant{personID(p.Name), printable(p.Name), role})
	}
	return e
}

func status(s Session) string {
	switch {
	case s.Cancelled:
		return "CANCELED"
	case s.Delayed:
		return "DELAYED"
	}
	return "CONFIRMED"
}

// json2Type is the format's word for a kind; it has a closed list.
func json2Type(kind string) string {
	switch kind {
	case "plenary":
		return "talk"
	case "panel":
		return "discussion"
	case "side_event":
		return "meeting"
	case "break":
		return "break"
	}
	return "other"
}

// json2Language is a language in two letters, which is all the format takes.
func json2Language(tag string) *string {
	if len(tag) < 2 || len(tag) > 2 && tag[2] != '-' {
		return nil
	}
	tag = tag[:2]
	return &tag
}
