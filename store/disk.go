package store

import (
	"errors"
	"os"
	"sync"
)

// disk brings what was written to a file onto the disk. Those who wait while it is busy share the next time.
type disk struct {
	file *os.File
	mu   sync.Mutex
	busy bool
	next *flush
	done bool  // all is on the disk, and nothing more comes
	err  error // what once went wrong: nobody knows what is on the disk since
}

// flush is one time of writing to the disk.
type flush struct {
	lead chan struct{} // whoever receives does it
	done chan struct{}
	err  error
}

// sync returns when all that was written before the call is on the disk.
func (d *disk) sync() error {
	f, mine := d.join()
	if !mine {
		select {
		case <-f.done:
			return f.err
		case <-f.lead:
			d.mu.Lock()
			d.next = nil
			d.mu.Unlock()
		}
	}
	d.run(f)
	return f.err
}

// join returns the next flush, and whether the caller is the one to do it, at once.
func (d *disk) join() (f *flush, mine bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.busy {
		d.busy = true
		return &flush{done: make(chan struct{})}, true
	}
	if d.next == nil {
		d.next = &flush{lead: make(chan struct{}, 1), done: make(chan struct{})}
	}
	return d.next, false
}

func (d *disk) run(f *flush) {
	d.mu.Lock()
	done := d.done
	f.err = d.err
	d.mu.Unlock()
	if f.err == nil && !done {
		f.err = flushFile(d.file)
	}
	close(f.done)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = f.err
	if d.next != nil {
		d.next.lead <- struct{}{}
	} else {
		d.busy = false
	}
}

func (d *disk) failed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// close is called once nobody writes to the file any more. Those who still wait are told that all is on the disk.
func (d *disk) close() error {
	err := d.sync()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = true
	return errors.Join(err, d.file.Close())
}
