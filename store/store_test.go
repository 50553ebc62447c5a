package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/store/sqlstore"

	"greengate/store"
	"greengate/store/storetest"
)

func TestOneProcessAtATime(t *testing.T) {
	dsn := storetest.DSN(t)
	first := open(t, dsn)
	if _, err := store.Open(t.Context(), dsn, nil); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second time: %v, want ErrInUse", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dsn).Ping(t.Context()); err != nil {
		t.Errorf("after it was closed: %v", err)
	}
}

// A server that has dropped all connections is connected to again, and the database is ours as before.
func TestLostConnections(t *testing.T) {
	dsn := storetest.DSN(t)
	s := open(t, dsn)
	storetest.Disconnect(t, dsn)
	var err error
	for range 50 { // connections of the pool may fail once each
		if err = s.Ping(t.Context()); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), dsn, nil); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second process: %v, want ErrInUse", err)
	}
	newInstance(t, s)
}

func TestRefusedDSNs(t *testing.T) {
	for dsn, want := range map[string]string{
		"mysql://root:hunter2@localhost/db":         "unsupported DSN scheme",
		"postgres://root:hunter2@localhost:port/db": "not one of PostgreSQL",
		"postgres://root:hunter2@127.0.0.1:1/db":    "failed to connect",
	} {
		_, err := store.Open(t.Context(), dsn, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q and no password", dsn, err, want)
		}
	}
}

// Transactions that change the same rows at the same time come out as if they had run one after the other.
func TestTransactionsDoNotLoseEachOthersChanges(t *testing.T) {
	const writers, times = 6, 10
	s := storetest.Open(t)
	instance := newInstance(t, s)
	message := store.Message{InstanceID: instance, ChatID: "c", ID: "m", SentAt: time.Now()}
	update(t, s, func(tx *store.Tx) error {
		_, err := tx.AddMessage(message)
		return err
	})
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range times {
				update(t, s, func(tx *store.Tx) error {
					m, err := tx.Message(instance, "c", "m")
					if err != nil {
						return err
					}
					m.Detail += "."
					return errors.Join(tx.UpdateMessage(m), tx.AddNotification(instance, "{}", time.Now()))
				})
			}
		})
	}
	wg.Wait()
	m, err := s.Message(t.Context(), instance, "c", "m")
	if err != nil || len(m.Detail) != writers*times {
		t.Errorf("%d changes are there, %v", len(m.Detail), err)
	}
	count, err := s.NotificationCount(t.Context(), instance, time.Now().Add(-time.Hour))
	if err != nil || count != writers*times {
		t.Errorf("%d notifications are there, %v", count, err)
	}
}

func update(t testing.TB, s *store.Store, change func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), change); err != nil {
		t.Error(err)
	}
}

// Names and ids come from strangers; what an engine does not take as text must not keep a message from being stored.
func TestTextsThatAreNone(t *testing.T) {
	s := storetest.Open(t)
	instance := newInstance(t, s)
	update(t, s, func(tx *store.Tx) error {
		_, err := tx.AddMessage(store.Message{InstanceID: instance, ChatID: "c", ID: "m", SenderName: "A\x00n\xffn", Content: []byte{0, 255}, SentAt: time.Now()})
		return err
	})
	m, err := s.Message(t.Context(), instance, "c", "m")
	if err != nil || m.SenderName != "An\uFFFDn" || string(m.Content) != "\x00\xff" {
		t.Errorf("%+v, %v", m, err)
	}
}

// A database of the first three migrations, as released programs have left it, opens with all that is in it.
func TestDatabaseOfAnEarlierVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "greengate.db")
	earlier(t, path)
	s := open(t, path)
	in, err := s.Instance(t.Context(), 1101000001)
	if err != nil || in.Name != "Shop" {
		t.Errorf("%+v, %v", in, err)
	}
	if m, err := s.Message(t.Context(), in.ID, "c", "m"); err != nil || string(m.Content) != "hello" {
		t.Errorf("%+v, %v", m, err)
	}
	device, err := s.Devices(in.ID, nil).GetDevice(t.Context(), ownJID)
	if err != nil || device == nil {
		t.Fatalf("the device is %v, %v", device, err)
	}
	if session, err := device.Sessions.GetSession(t.Context(), "1:0"); err != nil || string(session) != "ratchet" {
		t.Errorf("session %q, %v", session, err)
	}
	if err := device.LIDs.PutLIDMapping(t.Context(), lidOf(2), numberOf(2)); err != nil {
		t.Error(err)
	}
}

// earlier makes a database with what programs before the keyring used: modernc's driver and whatsmeow's container as they are.
func earlier(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	statements := []string{`CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)`}
	for version, name := range []string{"0001_instances.sql", "0002_owner.sql", "0003_messages.sql"} {
		script, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		statements = append(statements, string(script), fmt.Sprintf(`INSERT INTO schema_version (version) VALUES (%d)`, version+1))
	}
	statements = append(statements,
		`INSERT INTO instances (id, name, token_hash, token_salt, settings, device_jid, state, created_at)
			VALUES (1101000001, 'Shop', x'00', x'00', '{}', '`+ownJID.String()+`', 'authorized', 1790000000)`,
		`INSERT INTO messages (instance_id, chat_id, message_id, sender_id, sender_name, outgoing, by_api, sent_at, type, status, content,
			detail, edited_id, deleted_id) VALUES (1101000001, 'c', 'm', 's', 'n', false, false, 1790000000, 'textMessage', '', x'68656c6c6f', '', '', '')`,
	)
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	container := sqlstore.NewWithDB(db, "sqlite3", nil)
	if err := container.Upgrade(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := paired(t, container.NewDevice()).Sessions.PutSession(t.Context(), "1:0", []byte("ratchet")); err != nil {
		t.Fatal(err)
	}
}
