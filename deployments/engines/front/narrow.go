package front

import "go.mongodb.org/mongo-driver/v2/bson"

// nobody is an _id that no document has.
var nobody = document(element(bson.TypeString, "_id", append([]byte{18, 0, 0, 0}, "\x00no such document\x00"...)))

// narrow exchanges the filter {_id: X, conditions} of a write of one statement
// for {_id: X}, or for one that matches nothing when the document does not meet
// the conditions. Nothing can change in between: the caller holds the database's
// write lock. What it does not understand it leaves as it is, slow but right.
func (s *session) narrow(c *command, req *message) error {
	key, statement, ok := c.guarded()
	if !ok {
		return nil
	}
	filter, ok := statement.Lookup(key).DocumentOK()
	if !ok {
		return nil
	}
	conditions, err := filter.Elements()
	if err != nil || len(conditions) < 2 || filter.Validate() != nil {
		return nil
	}
	id := filter.Lookup("_id")
	if id.Type != bson.TypeString && id.Type != bson.TypeObjectID {
		return nil
	}
	doc, sure, err := s.fetch(*c, *req, id)
	if err != nil || !sure {
		return err
	}
	met, sure := meets(doc, conditions)
	if upsert, _ := statement.Lookup("upsert").BooleanOK(); !sure || upsert && !met {
		return nil // an upsert makes its document of the whole filter
	}
	to := nobody
	if met {
		to = document(element(id.Type, "_id", id.Value))
	}
	narrowed, err := c.with(statement, key, to)
	if err != nil {
		return nil
	}
	*req = newMessage(*req, false, narrowed)
	return nil
}

// guarded returns the only statement of the command and the name of its filter.
func (c *command) guarded() (key string, statement bson.Raw, ok bool) {
	if !c.plain || c.silent {
		return "", nil, false
	}
	switch c.name {
	case "findAndModify", "findandmodify":
		return "query", c.body, c.sequence == ""
	case "update":
		return "q", first(c.statements), len(c.statements) == 1 && (c.sequence == "" || c.sequence == "updates")
	case "delete":
		return "q", first(c.statements), len(c.statements) == 1 && (c.sequence == "" || c.sequence == "deletes")
	}
	return "", nil, false
}

// with returns the command as one document, the statement having another filter.
func (c *command) with(statement bson.Raw, key string, filter bson.Raw) (bson.Raw, error) {
	statement, err := replace(statement, key, bson.TypeEmbeddedDocument, filter)
	if err != nil || key == "query" {
		return statement, err
	}
	list := document(element(bson.TypeEmbeddedDocument, "0", statement))
	if c.sequence == "" {
		return replace(c.body, c.name+"s", bson.TypeArray, list)
	}
	inner := c.body[4 : len(c.body)-1]
	return document(inner, element(bson.TypeArray, c.sequence, list)), nil
}

func first(docs []bson.Raw) bson.Raw {
	if len(docs) == 0 {
		return nil
	}
	return docs[0]
}
