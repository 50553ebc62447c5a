package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	patience = 30 * time.Second // for the header, and for each next byte
	slowest  = 16 << 10         // bytes per second, over the limit of a download
)

// userAgent has WhatsApp in it since many sites serve OpenGraph data to known readers of it only.
const userAgent = "greengate (like WhatsApp)"

// ErrStalled is the cause when a server kept a download waiting.
var ErrStalled = errors.New("the server is too slow")

// TooLargeError tells of a file beyond the limit of a download, in bytes.
type TooLargeError struct {
	Limit int64
	Size  int64 // -1 when the server did not tell
}

func (e *TooLargeError) Error() string {
	if e.Size < 0 {
		return fmt.Sprintf("larger than %d bytes", e.Limit)
	}
	return fmt.Sprintf("%d bytes, larger than %d", e.Size, e.Limit)
}

// Download is a file on its way; close it. Reads end with a TooLargeError at the limit, with ErrStalled when no byte comes for 30
// seconds or all of them come at a crawl, and with io.ErrUnexpectedEOF when the server breaks off.
type Download struct {
	URL    *url.URL // where the redirects led
	Header http.Header
	Length int64 // in bytes, -1 when the server does not tell

	ctx   context.Context
	stop  context.CancelCauseFunc
	watch *time.Timer
	until time.Time
	body  io.ReadCloser
}

// Fetch starts a download of at most limit bytes with GET. Any answer but 200 is an error, and so is a length that the server
// announces beyond the limit (TooLargeError).
func (e *Egress) Fetch(ctx context.Context, address string, limit int64) (*Download, error) {
	if err := e.CheckURL(address); err != nil {
		return nil, err
	}
	d := &Download{until: time.Now().Add(patience + time.Duration(limit/slowest)*time.Second)}
	d.ctx, d.stop = context.WithCancelCause(ctx)
	d.watch = time.AfterFunc(patience, func() { d.stop(ErrStalled) })
	err := d.start(e, address, limit)
	d.watch.Stop()
	if err != nil {
		err = d.reason(err)
		d.stop(nil)
		return nil, err
	}
	return d, nil
}

func (d *Download) start(e *Egress, address string, limit int64) error {
	request, err := http.NewRequestWithContext(d.ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", userAgent)
	response, err := e.Do(request)
	if err != nil {
		return err
	}
	switch {
	case response.StatusCode != http.StatusOK:
		err = fmt.Errorf("%s answered %d", response.Request.URL.Hostname(), response.StatusCode)
	case response.ContentLength > limit:
		err = &TooLargeError{Limit: limit, Size: response.ContentLength}
	}
	if err != nil {
		response.Body.Close()
		return err
	}
	d.URL, d.Header, d.Length = response.Request.URL, response.Header, response.ContentLength
	d.body = http.MaxBytesReader(nil, response.Body, limit)
	return nil
}

// Read reads on. The time between reads is the reader's own and no stall.
func (d *Download) Read(p []byte) (int, error) {
	if time.Now().After(d.until) {
		return 0, ErrStalled
	}
	d.watch.Reset(patience)
	n, err := d.body.Read(p)
	d.watch.Stop()
	return n, d.reason(err)
}

// reason turns the error of a call into what is behind it.
func (d *Download) reason(err error) error {
	var past *http.MaxBytesError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return err
	case errors.As(err, &past):
		return &TooLargeError{Limit: past.Limit, Size: -1}
	case errors.Is(context.Cause(d.ctx), ErrStalled):
		return ErrStalled
	}
	return err
}

// Close ends the download, wherever it is.
func (d *Download) Close() error {
	d.stop(nil)
	return d.body.Close()
}
