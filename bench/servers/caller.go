package servers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const connections = 256 // kept open to one host

// Await asks every 50 ms until the answer is yes, for a minute at most.
func Await(ctx context.Context, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if yes, err := ask(); yes || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Object is a JSON object.
type Object map[string]any

// Caller makes HTTP calls that have to succeed, on connections that stay open.
type Caller struct{ *http.Client }

// NewCaller returns a Caller.
func NewCaller() *Caller {
	return &Caller{&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}}
}

// Exchange sends JSON and reads JSON into answer, unless it is nil.
func (c *Caller) Exchange(ctx context.Context, verb, url string, body Object, answer any) error {
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, verb, url, reader)
	if err != nil {
		return err
	}
	data, err := c.Fetch(request)
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(data, answer)
}

// Fetch sends a request and returns the body of an answer that is no error.
func (c *Caller) Fetch(request *http.Request) ([]byte, error) {
	response, err := c.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %.200s", response.Status, data)
	}
	return data, err
}
