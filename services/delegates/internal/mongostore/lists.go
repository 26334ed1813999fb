package mongostore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"plenary.example/services/delegates/internal/participants"
	"plenary.example/services/delegates/internal/roll"
	"plenary.example/shared/store"
)

// Lists keeps imports and numbered lists of participants.
type Lists struct {
	imports, lists, pages, attempts *store.Collection
}

// NewLists uses the collections of s.
func NewLists(s *store.Store) *Lists {
	return &Lists{
		imports: s.Collection("imports"), lists: s.Collection("participant-lists"),
		pages: s.Collection("participant-pages"), attempts: s.Collection("participant-attempts"),
	}
}

// InsertImport writes a new import.
func (s *Lists) InsertImport(ctx context.Context, i roll.Import) error {
	return s.imports.Insert(ctx, i)
}

// FinishImport writes how many there were in the end.
func (s *Lists) FinishImport(ctx context.Context, i roll.Import) error {
	return s.imports.Update(ctx, i.ID, nil, bson.M{"$set": bson.M{"created": i.Created, "changed": i.Changed, "refused": i.Refused}})
}

// SettleImport says that an import is told.
func (s *Lists) SettleImport(ctx context.Context, id string) error {
	return s.imports.Update(ctx, id, nil, bson.M{"$set": bson.M{"pending": false}})
}

// UntoldImports reads the imports that are not told. It is for starting.
func (s *Lists) UntoldImports(ctx context.Context) ([]roll.Import, error) {
	return store.All[roll.Import](ctx, s.imports, bson.M{"pending": true})
}

// List reads a list; NotFound when there is none.
func (s *Lists) List(ctx context.Context, id string) (l participants.List, err error) {
	err = get(ctx, s.lists, id, &l)
	return l, err
}

// InsertList writes a new list; participants.ErrTaken when its number is given.
func (s *Lists) InsertList(ctx context.Context, l participants.List) error {
	err := s.lists.Insert(ctx, l)
	if errors.Is(err, store.ErrExists) {
		return participants.ErrTaken
	}
	return err
}

// SettleList says that a list is told.
func (s *Lists) SettleList(ctx context.Context, id string) error {
	return s.lists.Update(ctx, id, nil, bson.M{"$set": bson.M{"pending": false}})
}

// UntoldLists reads the lists that are not told. It is for starting.
func (s *Lists) UntoldLists(ctx context.Context) ([]participants.List, error) {
	return store.All[participants.List](ctx, s.lists, bson.M{"pending": true})
}

// page is a page as it is kept: what is on it is one text, because the embedded
// store takes seconds for a document of ten thousand fields.
type page struct {
	ID       string `bson:"_id"`
	Revision int64  `bson:"revision"`
	Text     string `bson:"text"`
}

type pageText struct {
	Groups []participants.Group  `json:"groups"`
	People []participants.Person `json:"people"`
}

func written(p participants.Page) (page, error) {
	text, err := json.Marshal(pageText{p.Groups, p.People})
	if err != nil {
		return page{}, fmt.Errorf("page %s: %w", p.ID, err)
	}
	return page{p.ID, p.Revision, string(text)}, nil
}

// Page reads a page of a list; NotFound when there is none.
func (s *Lists) Page(ctx context.Context, id string) (participants.Page, error) {
	var kept page
	if err := get(ctx, s.pages, id, &kept); err != nil {
		return participants.Page{}, err
	}
	var text pageText
	if err := json.Unmarshal([]byte(kept.Text), &text); err != nil {
		return participants.Page{}, fmt.Errorf("page %s: %w", id, err)
	}
	return participants.Page{ID: kept.ID, Revision: kept.Revision, Groups: text.Groups, People: text.People}, nil
}

// InsertPages writes the pages of an attempt. Nobody reads them yet.
func (s *Lists) InsertPages(ctx context.Context, pages []participants.Page) error {
	for _, p := range pages { // one by one, so that the writes of others have their turn
		doc, err := written(p)
		if err != nil {
			return err
		}
		if err := s.pages.Insert(ctx, doc); err != nil {
			return err
		}
	}
	return nil
}

// ReplacePage writes p over the revision before its own.
func (s *Lists) ReplacePage(ctx context.Context, p participants.Page) error {
	doc, err := written(p)
	if err != nil {
		return err
	}
	err = s.pages.Replace(ctx, p.ID, bson.M{"revision": p.Revision - 1}, doc)
	if errors.Is(err, store.ErrStale) {
		return participants.ErrStale
	}
	return err
}

// DeletePages removes pages; those that are not there are no error.
func (s *Lists) DeletePages(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if err := s.pages.Delete(ctx, id, nil); err != nil {
			return err
		}
	}
	return nil
}

// InsertAttempt notes an attempt.
func (s *Lists) InsertAttempt(ctx context.Context, a participants.Attempt) error {
	return s.attempts.Insert(ctx, a)
}

// DeleteAttempt removes the note.
func (s *Lists) DeleteAttempt(ctx context.Context, id string) error {
	return s.attempts.Delete(ctx, id, nil)
}

// Attempts reads all of them. It is for starting.
func (s *Lists) Attempts(ctx context.Context) ([]participants.Attempt, error) {
	return store.All[participants.Attempt](ctx, s.attempts, nil)
}
