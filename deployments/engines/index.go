package engines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // FerretDB's own driver, at its version
)

// FerretDB indexes the expression (_ferretdb_sjson->"_id") and asks for
// (_ferretdb_sjson->'$._id'), so that SQLite reads every document to find one.
// Its files therefore get the index that its question can use, through a
// connection of our own. FerretDB never looks at an index it did not make.

// indexPrefix marks our indexes. Their names live beside FerretDB's tables.
const indexPrefix = "plenary_id_"

// indexAll indexes every collection of every database in dir.
func indexAll(ctx context.Context, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.sqlite"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := indexFile(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

// indexFile adds the index to the collections in file that lack it.
func indexFile(ctx context.Context, file string) (err error) {
	at := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(file)}
	at.RawQuery = url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(normal)"}, "mode": {"rw"}}.Encode()
	db, err := sql.Open("sqlite", at.String())
	if err != nil {
		return fmt.Errorf("index %s: %w", file, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tables, err := unindexed(ctx, db)
	if err != nil {
		return fmt.Errorf("index %s: %w", file, err)
	}
	for _, table := range tables {
		name := strings.ReplaceAll(table, `"`, `""`)
		if _, err := db.ExecContext(ctx, fmt.Sprintf(
			`CREATE INDEX IF NOT EXISTS "%s%s" ON "%s" (_ferretdb_sjson->'$._id')`, indexPrefix, name, name)); err != nil {
			return fmt.Errorf("index %s of %s: %w", table, file, err)
		}
	}
	return nil
}

// unindexed names the tables of collections that have no index of ours.
func unindexed(ctx context.Context, db *sql.DB) (tables []string, err error) {
	rows, err := db.QueryContext(ctx, `
		SELECT name FROM sqlite_master
		WHERE type = 'table' AND instr(sql, '_ferretdb_sjson TEXT') > 0 AND ? || name NOT IN
			(SELECT name FROM sqlite_master WHERE type = 'index')`, indexPrefix)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close(), rows.Err()) }()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, nil
}
