package handlers_test

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"
)

// receiver is a user's webhook endpoint. It answers 200 unless it is told otherwise, and keeps what it gets.
type receiver struct {
	mu      sync.Mutex
	answer  http.HandlerFunc // nil: 200
	got     []delivery
	arrived chan struct{} // closed and replaced with every delivery
}

// delivery is one attempt as the receiver sees it.
type delivery struct {
	at     time.Time
	verb   string
	path   string // with host and query
	header http.Header
	length int64 // -1 when it was not said
	body   string
	hook   notificationBody
}

func newReceiver() *receiver { return &receiver{arrived: make(chan struct{})} }

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	d := delivery{
		at: time.Now(), verb: request.Method, path: request.Host + request.URL.RequestURI(), header: request.Header, length: request.ContentLength, body: string(body),
	}
	_ = json.Unmarshal(body, &d.hook)
	r.mu.Lock()
	r.got = append(r.got, d)
	answer := r.answer
	close(r.arrived)
	r.arrived = make(chan struct{})
	r.mu.Unlock()
	if answer != nil {
		answer(w, request)
	}
}

// answers changes how the receiver answers from now on.
func (r *receiver) answers(answer http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// status is an answer with a status and nothing else.
func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// all returns what was delivered so far.
func (r *receiver) all() []delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]delivery(nil), r.got...)
}

// await waits, in virtual time, until there are n deliveries, and returns them.
func (r *receiver) await(n int) []delivery {
	deadline := time.After(25 * time.Hour)
	for {
		r.mu.Lock()
		got, arrived := append([]delivery(nil), r.got...), r.arrived
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-arrived:
		case <-deadline:
			return got
		}
	}
}
