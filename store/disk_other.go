//go:build !linux

package store

import "os"

func flushFile(file *os.File) error { return file.Sync() }
