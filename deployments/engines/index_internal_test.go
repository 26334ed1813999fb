package engines

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func TestEveryCollectionGetsItsIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(collection string) {
		t.Helper()
		e, err := Start(t.Context(), Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Stop(context.Background())
		client, err := mongo.Connect(options.Client().ApplyURI(e.StoreURI()).SetDialer(e.Dialer()))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Disconnect(context.Background())
		if _, err := client.Database("conference").Collection(collection).InsertOne(t.Context(), bson.M{"_id": "x"}); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "store", "conference.sqlite")

	write("rooms")
	if plan := planOf(t, file, "rooms"); !strings.Contains(plan, indexPrefix) {
		t.Errorf("after the first write SQLite will %q", plan)
	}
	db := openFile(t, file)
	if _, err := db.ExecContext(t.Context(), `DROP INDEX "`+indexPrefix+tableOf(t, db, "rooms")+`"`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if plan := planOf(t, file, "rooms"); strings.Contains(plan, indexPrefix) {
		t.Fatalf("without the index SQLite will %q", plan)
	}
	write("sessions")
	for _, collection := range []string{"rooms", "sessions"} {
		if plan := planOf(t, file, collection); !strings.Contains(plan, indexPrefix) {
			t.Errorf("after the next start SQLite will %q in %s", plan, collection)
		}
	}
}

func openFile(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func tableOf(t *testing.T, db *sql.DB, collection string) (table string) {
	t.Helper()
	row := db.QueryRowContext(t.Context(), `SELECT table_name FROM _ferretdb_collections WHERE name = ?`, collection)
	if err := row.Scan(&table); err != nil {
		t.Fatal(err)
	}
	return table
}

// planOf is what SQLite does for FerretDB's question for a document.
func planOf(t *testing.T, file, collection string) (detail string) {
	t.Helper()
	db := openFile(t, file)
	defer db.Close()
	var id, parent, unused int
	row := db.QueryRowContext(t.Context(),
		`EXPLAIN QUERY PLAN SELECT _ferretdb_sjson FROM "`+tableOf(t, db, collection)+`" WHERE _ferretdb_sjson->'$._id' = ?`, `"x"`)
	if err := row.Scan(&id, &parent, &unused, &detail); err != nil {
		t.Fatal(err)
	}
	return detail
}
