package store

import (
	"path/filepath"
	"testing"
	"time"
)

func TestOldCallsMakeRoom(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "greengate.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	id, err := s.CreateInstance(t.Context(), Instance{Settings: "{}", TokenHash: []byte{1}, TokenSalt: []byte{1}, CreatedAt: time.Now()}, 1)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.exec("fill", `WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < $2)
			INSERT INTO calls (`+callColumns+`) SELECT $1, at, '', '', FALSE, FALSE, 'declined', 0, at, '' FROM n`, id, maxCalls)
		if err != nil {
			return err
		}
		return tx.PutCall(Call{InstanceID: id, ID: "new", Status: "pickUp", At: time.Unix(maxCalls+1, 0)})
	})
	if err != nil {
		t.Fatal(err)
	}
	calls, err := s.CallsSince(t.Context(), id, false, time.Unix(0, 0))
	if err != nil || len(calls) != maxCalls || calls[0].ID != "new" || calls[maxCalls-1].At != time.Unix(2, 0).UTC() {
		t.Errorf("%d calls, %v", len(calls), err)
	}
}
