//go:build !unix

package store

import "os"

// lock does nothing where the system has no flock; see lock_unix.go.
func lock(path string) (*os.File, error) {
	return os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
}
