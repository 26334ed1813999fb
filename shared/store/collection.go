package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

var (
	// ErrExists is returned when a document with that _id is there already.
	ErrExists = errors.New("store: the document exists")
	// ErrStale is returned when no document has that _id and the expected
	// fields: it has changed, or is not there. Nothing was written.
	ErrStale = errors.New("store: the document is not as expected")
	// ErrMissing is returned when no document has that _id.
	ErrMissing = errors.New("store: there is no such document")
)

// batch is how many documents one insert carries, so that the writes of others
// have their turn in between.
const batch = 500

// inOrder is how many documents one insert in order carries: of more than a
// hundred, the embedded store writes some behind the one at which it stops.
const inOrder = 100

// A Collection is a set of documents. Any error but the three above leaves
// open whether a write took place; it is context.DeadlineExceeded when the time
// the caller gave was too short, and Unavailable when the connection broke.
type Collection struct{ c *mongo.Collection }

// Insert writes a new document. Of any number of inserts of one _id, one
// succeeds and the others get ErrExists.
func (c *Collection) Insert(ctx context.Context, doc any) error {
	_, err := c.c.InsertOne(ctx, doc)
	if mongo.IsDuplicateKeyError(err) {
		return ErrExists
	}
	return c.failed("insert into", err)
}

// InsertAll writes many new documents. Those whose _id is taken are passed
// over, all others are written, and then ErrExists is returned. It is not
// atomic: after another error some are written and some are not.
func (c *Collection) InsertAll(ctx context.Context, docs []any) error {
	var taken bool
	for part := range slices.Chunk(docs, batch) {
		_, err := c.c.InsertMany(ctx, part, options.InsertMany().SetOrdered(false))
		if many, ok := errors.AsType[mongo.BulkWriteException](err); ok && many.WriteConcernError == nil &&
			!slices.ContainsFunc(many.WriteErrors, func(e mongo.BulkWriteError) bool { return !e.HasErrorCode(11000) }) {
			taken = true
			continue
		}
		if err != nil {
			return c.failed("insert into", err)
		}
	}
	if taken {
		return ErrExists
	}
	return nil
}

// InsertInOrder writes new documents one after the other and stops before the
// first whose _id is taken: then it returns how many it wrote, and ErrExists. Of
// any number of calls that want one _id, one gets it. With another error n is at
// least how many were written of those that went before in batches of their own;
// of the rest, any number from the front may have been.
func (c *Collection) InsertInOrder(ctx context.Context, docs []any) (n int, err error) {
	for part := range slices.Chunk(docs, inOrder) {
		_, err := c.c.InsertMany(ctx, part, options.InsertMany().SetOrdered(true))
		if many, ok := errors.AsType[mongo.BulkWriteException](err); ok && many.WriteConcernError == nil &&
			len(many.WriteErrors) == 1 && many.WriteErrors[0].HasErrorCode(11000) {
			return n + many.WriteErrors[0].Index, ErrExists
		}
		if err != nil {
			return n, c.failed("insert into", err)
		}
		n += len(part)
	}
	return n, nil
}

// Update changes the document with that _id if it has the expected fields too;
// expect may be nil. It returns ErrStale when there is no such document. An
// expected field is a value, or made of $eq, $ne, $in, $nin, $lt, $lte, $gt,
// $gte and $exists; null also means missing, and of a list one member has to
// fit. update is made of $set, $unset, $inc, $push (with $each) and $pullAll:
// the embedded store silently ignores a $pull with conditions and the other
// modifiers of $push.
func (c *Collection) Update(ctx context.Context, id string, expect, update bson.M) error {
	res, err := c.c.UpdateOne(ctx, guard(id, expect), update)
	if err != nil {
		return c.failed("update in", err)
	}
	if res.MatchedCount == 0 {
		return ErrStale
	}
	return nil
}

// Replace writes doc over the document with that _id if it has the expected
// fields too. Of any number of replacements that expect one revision, one
// succeeds and the others get ErrStale.
func (c *Collection) Replace(ctx context.Context, id string, expect bson.M, doc any) error {
	res, err := c.c.ReplaceOne(ctx, guard(id, expect), doc)
	if err != nil {
		return c.failed("replace in", err)
	}
	if res.MatchedCount == 0 {
		return ErrStale
	}
	return nil
}

// Put writes doc, which has a field revision, as the one that follows was; 0 is
// before the first. Of any number of calls with one id and one was, one succeeds
// and the others get ErrStale.
func (c *Collection) Put(ctx context.Context, id string, was int64, doc any) error {
	if was > 0 {
		return c.Replace(ctx, id, bson.M{"revision": was}, doc)
	}
	err := c.Insert(ctx, doc)
	if errors.Is(err, ErrExists) {
		return ErrStale
	}
	return err
}

// Delete removes the document with that _id. When fields are expected and no
// such document is there, it returns ErrStale; without, a missing document is
// no error.
func (c *Collection) Delete(ctx context.Context, id string, expect bson.M) error {
	res, err := c.c.DeleteOne(ctx, guard(id, expect))
	if err != nil {
		return c.failed("delete from", err)
	}
	if res.DeletedCount == 0 && len(expect) > 0 {
		return ErrStale
	}
	return nil
}

// Get reads the document with that _id into a pointer; ErrMissing when there
// is none.
func (c *Collection) Get(ctx context.Context, id string, into any) error {
	err := c.c.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(into)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return ErrMissing
	}
	return c.failed("read from", err)
}

// All reads the documents that match filter, or all when it is nil, in no
// order. It may look at every document there is: it is for starting.
func All[T any](ctx context.Context, c *Collection, filter bson.M) ([]T, error) {
	if filter == nil {
		filter = bson.M{}
	}
	cur, err := c.c.Find(ctx, filter)
	if err != nil {
		return nil, c.failed("read from", err)
	}
	var all []T
	if err := cur.All(ctx, &all); err != nil {
		return nil, c.failed("read from", err)
	}
	return all, nil
}

func (c *Collection) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	if outOfTime(err) && !errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	} else if mongo.IsNetworkError(err) || errors.Is(err, mongo.ErrClientDisconnected) {
		err = unreachable.Because(err)
	}
	return fmt.Errorf("%s %s: %w", what, c.c.Name(), err)
}

// outOfTime says whether the store gave up because the caller's time was over.
// The driver tells the store how long it has, so the store may say so before the
// context does; the embedded one has no code for it.
func outOfTime(err error) bool {
	if mongo.IsTimeout(err) {
		return true
	}
	said, ok := errors.AsType[mongo.CommandError](err)
	return ok && strings.Contains(said.Message, "interrupted (9)")
}

// guard is the filter of a guarded write; _id comes first, which is what the
// embedded store is quick with.
func guard(id string, expect bson.M) bson.D {
	filter := bson.D{{Key: "_id", Value: id}}
	for k, v := range expect {
		filter = append(filter, bson.E{Key: k, Value: v})
	}
	return filter
}
