package store

import (
	"database/sql"
	"testing"
)

// Tables lists the tables by name.
func (s *Store) Tables(t testing.TB) []string {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`
	if s.txOptions != nil {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name`
	}
	names, err := list(t.Context(), s.db, "list tables", func(rows *sql.Rows) (name string, err error) {
		err = rows.Scan(&name)
		return name, err
	}, query)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// OpenConnections counts those of the pools.
func (s *Store) OpenConnections() int {
	open := s.db.Stats().OpenConnections
	if s.wa.RawDB != s.db {
		open += s.wa.RawDB.Stats().OpenConnections
	}
	return open
}
