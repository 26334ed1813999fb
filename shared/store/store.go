// Package store is how the services keep documents: one database each, one
// guarded write of one document by its _id at a time.
//
// That is all it offers, on purpose. Whatever must hold lives inside one
// document or in one unique _id, so there are no transactions, no secondary
// indexes to rely on and no queries on the way of a request: reads come from
// memory, and a collection is read as a whole only when a service starts. The
// same code runs on a MongoDB replica set and on the embedded store, and
// cannot tell which it has; the contract suite in storetest holds both to the
// promises written here.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"plenary.example/shared/problem"
)

// Config says where the store is.
type Config struct {
	// URI is a MongoDB connection string.
	URI string
	// Dialer, unless nil, is used instead of TCP: an engine in this process.
	Dialer   options.ContextDialer
	Database string
}

// A Store is one service's database. Its methods may be called side by side.
type Store struct {
	client *mongo.Client
	db     *mongo.Database
}

// Open reaches the store, trying until ctx ends. A write is acknowledged when a
// majority of the store's members have it, and what is read is held by a
// majority, so that neither is lost with one of them.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	opts := options.Client().ApplyURI(cfg.URI).SetWriteConcern(writeconcern.Majority()).SetReadConcern(readconcern.Majority()).
		SetMaxPoolSize(50).SetServerSelectionTimeout(5 * time.Second).SetConnectTimeout(5 * time.Second)
	if cfg.Dialer != nil {
		opts.SetDialer(cfg.Dialer)
	}
	// Nil lists and maps are written as empty ones: nothing can be pushed to a
	// null, nor a field set in it.
	opts.SetBSONOptions(&options.BSONOptions{NilSliceAsEmpty: true, NilMapAsEmpty: true, DefaultDocumentM: true})
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s := &Store{client: client, db: client.Database(cfg.Database)}
	for {
		if err = client.Ping(ctx, nil); err == nil {
			return s, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("open the store: %w", err), client.Disconnect(context.WithoutCancel(ctx)))
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Ping answers whether the store can be reached now; its error is Unavailable.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.client.Ping(ctx, nil); err != nil {
		return unreachable.Because(err)
	}
	return nil
}

var unreachable = problem.New(problem.Unavailable, "store_unavailable", "The store does not answer. Try again in a moment.").After(time.Second)

// Close ends the connections. A second Close does nothing.
func (s *Store) Close(ctx context.Context) error {
	if err := s.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		return fmt.Errorf("close the store: %w", err)
	}
	return nil
}

// Collection is a set of documents, which need not exist yet.
func (s *Store) Collection(name string) *Collection {
	return &Collection{s.db.Collection(name)}
}
