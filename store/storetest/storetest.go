// Package storetest opens databases for tests: SQLite files, or databases of the PostgreSQL server whose DSN is in
// GREENGATE_TEST_POSTGRES, so that the same tests run on both.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver "pgx"
	_ "modernc.org/sqlite"             // the database/sql driver "sqlite"

	"greengate/store"
)

// server is read at the start: tests of the program clear the environment of what the program does not know.
var server = os.Getenv("GREENGATE_TEST_POSTGRES")

// DSN names an empty database that is dropped after the test.
func DSN(t testing.TB) string {
	t.Helper()
	if server == "" {
		return filepath.Join(t.TempDir(), "greengate.db")
	}
	return onServer(t, "template0")
}

// Ready is DSN for a database that has its tables already, which is much quicker.
func Ready(t testing.TB) string {
	t.Helper()
	if server != "" {
		template, err := readyDatabase()
		if err != nil {
			t.Fatal(err)
		}
		return onServer(t, template)
	}
	dsn := DSN(t)
	file, err := readyFile()
	if err == nil {
		err = os.WriteFile(dsn, file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// onServer copies a database of the server for a test.
func onServer(t testing.TB, template string) string {
	t.Helper()
	name := newName()
	Exec(t, server, `CREATE DATABASE `+name+` TEMPLATE `+template+` STRATEGY file_copy`)
	t.Cleanup(func() { Exec(t, server, `DROP DATABASE `+name+` WITH (FORCE)`) })
	dsn, err := dsnOf(name)
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

func newName() string { return "test_" + strings.ToLower(rand.Text()) }

// dsnOf is the DSN of another database of the server.
func dsnOf(name string) (string, error) {
	dsn, err := url.Parse(server)
	if err != nil {
		return "", errors.New("GREENGATE_TEST_POSTGRES is not a URL")
	}
	dsn.Path = "/" + name
	return dsn.String(), nil
}

// readyDatabase is one of the server that has its tables and nothing in them; it stays there.
var readyDatabase = sync.OnceValues(func() (string, error) {
	name := newName()
	dsn, err := dsnOf(name)
	if err == nil {
		err = run(server, `CREATE DATABASE `+name+` TEMPLATE template0`)
	}
	if err != nil {
		return "", err
	}
	return name, migrated(dsn)
})

var readyFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "greengate")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	dsn := filepath.Join(dir, "greengate.db")
	if err := migrated(dsn); err != nil {
		return nil, err
	}
	return os.ReadFile(dsn)
})

func migrated(dsn string) error {
	s, err := store.Open(context.Background(), dsn, nil)
	if err != nil {
		return err
	}
	return s.Close()
}

// Open opens a store on an empty database, and closes it after the test.
func Open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), DSN(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Exec runs SQL on a database beside whatever else has it open.
func Exec(t testing.TB, dsn, query string) {
	t.Helper()
	if err := run(dsn, query); err != nil {
		t.Errorf("%s: %v", query, err)
	}
}

func run(dsn, query string) error {
	driver, source := "sqlite", "file:"+(&url.URL{Path: dsn}).EscapedPath()+"?_pragma=busy_timeout(10000)"
	if isServer(dsn) {
		driver, source = "pgx", dsn
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(context.Background(), query)
	return err
}

// Break makes every insert into a table fail, as on a full disk, until Repair.
func Break(t testing.TB, dsn, table string) {
	t.Helper()
	if isServer(dsn) {
		Exec(t, dsn, `CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
			'BEGIN RAISE EXCEPTION USING ERRCODE = ''53100'', MESSAGE = ''disk full''; END';
			CREATE TRIGGER broken BEFORE INSERT ON `+table+` FOR EACH ROW EXECUTE FUNCTION broken()`)
		return
	}
	Exec(t, dsn, `CREATE TRIGGER broken BEFORE INSERT ON `+table+` BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
}

// Repair ends what Break has done.
func Repair(t testing.TB, dsn string) {
	t.Helper()
	if isServer(dsn) {
		Exec(t, dsn, `DROP FUNCTION broken CASCADE`)
		return
	}
	Exec(t, dsn, `DROP TRIGGER broken`)
}

// Copy copies a database as a crash would leave it: what was committed is there, whoever still has it open.
func Copy(t testing.TB, dsn string) string {
	t.Helper()
	copied := DSN(t)
	if isServer(dsn) {
		from, to := database(dsn), database(copied)
		server := os.Getenv("GREENGATE_TEST_POSTGRES")
		Exec(t, server, `DROP DATABASE `+to)
		Exec(t, server, `ALTER DATABASE `+from+` ALLOW_CONNECTIONS false`)
		Exec(t, server, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '`+from+`'`)
		Exec(t, server, `CREATE DATABASE `+to+` TEMPLATE `+from)
		return copied
	}
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(dsn + suffix)
		if err == nil {
			err = os.WriteFile(copied+suffix, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return copied
}

// Disconnect ends all connections to a database, where it has any.
func Disconnect(t testing.TB, dsn string) {
	t.Helper()
	if isServer(dsn) {
		Exec(t, dsn, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	}
}

// database is the name of the database in a DSN of PostgreSQL.
func database(dsn string) string {
	address, _, _ := strings.Cut(dsn, "?")
	return path.Base(address)
}

func isServer(dsn string) bool { return strings.Contains(dsn, "://") }
