package store

import (
	"context"
	"database/sql"
	"strconv"
)

// Label is a label of a business account. Color is WhatsApp's index.
type Label struct {
	ID      string
	Name    string
	Color   int32
	Deleted bool
}

// PutLabel stores a label, new or changed.
func (t *Tx) PutLabel(instance int64, l Label) error {
	_, err := t.exec("put label", `INSERT INTO labels (instance_id, label_id, name, color, deleted) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (instance_id, label_id) DO UPDATE SET name = excluded.name, color = excluded.color, deleted = excluded.deleted`,
		instance, l.ID, l.Name, l.Color, l.Deleted)
	return err
}

const selectLabels = `SELECT label_id, name, color, deleted FROM labels WHERE instance_id = $1 ORDER BY label_id`

// AddLabel stores a new label under the number after the highest one ever given, and returns it with that id.
func (t *Tx) AddLabel(instance int64, l Label) (Label, error) {
	known, err := list(t.ctx, t.tx, "list labels", scanLabel, selectLabels, instance)
	if err != nil {
		return l, err
	}
	last := 0
	for _, other := range known {
		if n, err := strconv.Atoi(other.ID); err == nil {
			last = max(last, n)
		}
	}
	l.ID = strconv.Itoa(last + 1)
	return l, t.PutLabel(instance, l)
}

// Labels lists an instance's labels, deleted ones included.
func (s *Store) Labels(ctx context.Context, instance int64) ([]Label, error) {
	return list(ctx, s.db, "list labels", scanLabel, selectLabels, instance)
}

func scanLabel(rows *sql.Rows) (l Label, err error) {
	err = rows.Scan(&l.ID, &l.Name, &l.Color, &l.Deleted)
	return l, err
}
