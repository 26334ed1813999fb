package schedulefile

import "strings"

func (j *jsonReader) day() error {
	var date string
	var rooms bool
	// The date may stand behind the rooms, so the items learn it afterwards.
	first, place := len(j.out.file.Items), j.pointer()
	err := j.object(func(key string) (err error) {
		switch key {
		case "date":
			date, err = j.optional()
			for i := first; i < len(j.out.file.Items); i++ {
				j.out.file.Items[i].Day = date
			}
			return err
		case "rooms":
			rooms = true
			return j.object(func(name string) error { return j.room(name, date) })
		}
		return j.skip()
	})
	if err == nil && !rooms && j.roomless == "" {
		j.roomless, j.roomlessLine = place+"/rooms", j.lineNow()
	}
	return err
}

func (j *jsonReader) room(name, day string) error {
	name, err := j.out.addRoom(name, 0, j.pointer(), j.lineNow())
	if err != nil {
		return err
	}
	return j.array(func(int) error { return j.item(name, day) })
}

func (j *jsonReader) item(room, day string) error {
	r := rawItem{listedRoom: room, day: day, place: j.pointer()}
	err := j.object(func(key string) (err error) {
		if r.line == 0 {
			r.line = j.lineNow()
		}
		switch key {
		case "guid":
			r.guid, err = j.needed()
		case "title":
			r.title, err = j.needed()
		case "date":
			r.date, err = j.needed()
		case "duration":
			r.length, err = j.needed()
		case "id":
			r.id, err = j.field()
		case "start":
			r.start, err = j.field()
		case "room":
			r.room, err = j.field()
		case "subtitle":
			r.subtitle, err = j.field()
		case "abstract":
			r.abstract, err = j.field()
		case "description":
			r.description, err = j.field()
		case "track":
			r.track, err = j.field()
		case "type":
			r.kind, err = j.field()
		case "language":
			r.language, err = j.field()
		case "persons":
			r.persons = nil
			err = j.lenient('[', func() error { return j.persons(&r) })
		default:
			err = j.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	if r.line == 0 {
		r.line = j.lineNow()
	}
	return j.out.addItem(r)
}

// persons reads the speakers. frab names them public_name, others name; a
// plain text is a name too.
func (j *jsonReader) persons(r *rawItem) error {
	return j.array(func(i int) error {
		if i == MaxPersons {
			return j.fail(TooMany, j.pointer(), "the item has more persons than can be meant")
		}
		names := map[string]string{}
		switch j.peek() {
		case '"':
			s, err := j.optional()
			if err != nil {
				return err
			}
			names["name"] = s
		case '{':
			err := j.object(func(key string) (err error) {
				switch key {
				case "public_name", "name", "full_public_name":
					names[key], err = j.optional()
					return err
				}
				return j.skip()
			})
			if err != nil {
				return err
			}
		default:
			return j.unreadable()
		}
		for _, key := range []string{"public_name", "name", "full_public_name"} {
			if s := strings.TrimSpace(names[key]); s != "" {
				r.persons = append(r.persons, s)
				return nil
			}
		}
		j.out.warn(UnreadableField, j.pointer(), j.lineNow(), "the person has no name and is left out")
		return nil
	})
}

// needed reads a text an item cannot do without.
func (j *jsonReader) needed() (field, error) {
	if c := j.peek(); c == '{' || c == '[' {
		return field{}, j.fail(BadType, j.pointer(), "a text is needed here")
	}
	return j.field()
}
