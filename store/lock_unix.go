//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock makes this process the only one that has the database open, until the file is closed. The lock stands on a file beside the
// database, since closing any other handle of the database itself would drop SQLite's own locks. It ends with the process.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrInUse
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock: %w", err), file.Close())
	}
	return file, nil
}
