// Package wahost speaks the dialect of wahost ("WhatsApp Gateway") onto the core: sessions below /api/v1/sessions, each with its
// contacts. A session is an instance and an organisation is its owner, so that a credential reaches the instances of its
// organisation and, for anybody else, others do not exist.
//
// Routes are rows of one table. The standard library's mux serves them, since its patterns are the paths as they are documented;
// only the calls written as {session}:stop share a pattern and are told apart here.
package wahost

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow/types"

	"greengate/handlers/document"
	"greengate/instance"
)

// Route declares one route once: the mux, the pipeline and the documents are read from it.
type Route struct {
	document.Row
	Capability Capability
	handle     func(r *http.Request, c call) (any, error)
}

// none is the request of routes that take nothing and the response of those that answer 204.
type none struct{}

const (
	sessionsPath = "/api/v1/sessions"
	sessionPath  = sessionsPath + "/{session}"
	contactPath  = sessionPath + "/contacts/{jid}"
)

// Routes is the whole table, in an order in which all can be called.
func Routes() []Route {
	var all []Route
	for _, chapter := range []struct {
		name string
		rows []Route
	}{{"Sessions", sessionRoutes()}, {"Contacts", contactRoutes()}, {"Connection", connectionRoutes()}} {
		for _, row := range chapter.rows {
			row.Folder = chapter.name
			all = append(all, row)
		}
	}
	return all
}

// call is what the path and the credential of a request stand for.
type call struct {
	manager      *instance.Manager
	organization string
	session      *instance.Instance // nil when the path names none
	jid          types.JID          // empty when the path names none
}

// route completes a row with its handler. One that answers none answers 204.
func route[Req, Resp any](needs Capability, row document.Row, handle func(context.Context, call, Req) (Resp, error)) Route {
	row.Request, row.Response = reflect.TypeFor[Req](), reflect.TypeFor[Resp]()
	switch {
	case row.Response == reflect.TypeFor[none]():
		row.Status, row.Response = http.StatusNoContent, nil
	case row.Status == 0:
		row.Status = http.StatusOK
	}
	return Route{row, needs, func(r *http.Request, c call) (any, error) {
		request, err := decode[Req](r)
		if err != nil {
			return nil, err
		}
		return handle(r.Context(), c, request)
	}}
}

// Config is what the dialect needs: the credentials it takes. Without any it refuses everybody.
type Config struct {
	JWT     JWT
	APIKeys []APIKey
}

type server struct {
	manager *instance.Manager
	log     *slog.Logger
	apiKeys []APIKey
	tokens  *tokens           // nil when JWTs are not taken
	actions map[string]*Route // by what follows the colon
}

// New returns the handler of the dialect, to be served at the root of a listener or below a prefix that was taken off.
func New(config Config, manager *instance.Manager, log *slog.Logger) http.Handler {
	s := &server{manager: manager, log: log, apiKeys: config.APIKeys, actions: map[string]*Route{}}
	if config.JWT.JWKSURL != "" {
		s.tokens = newTokens(config.JWT, log)
	}
	mux := http.NewServeMux()
	for _, row := range Routes() {
		if _, action, ok := strings.Cut(row.Path, ":"); ok {
			s.actions[action] = &row
		} else {
			mux.HandleFunc(row.Verb+" "+row.Path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, &row) })
		}
	}
	mux.HandleFunc("POST "+sessionPath, s.act)
	mux.HandleFunc("/", s.notFound)
	return mux
}

// act serves the calls whose name follows the session after a colon.
func (s *server) act(w http.ResponseWriter, r *http.Request) {
	id, action, _ := strings.Cut(r.PathValue("session"), ":")
	row, ok := s.actions[action]
	if !ok {
		s.notFound(w, r)
		return
	}
	r.SetPathValue("session", id)
	s.serve(w, r, row)
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	s.writeError(w, r, reply{http.StatusNotFound, "not_found", "no such route"})
}

// serve runs a route: credential, capability, then the call, which looks the session up. So a caller without the capability learns
// nothing about which sessions exist.
func (s *server) serve(w http.ResponseWriter, r *http.Request, row *Route) {
	c, err := s.authenticate(r)
	if err == nil && !c.capabilities.has(row.Capability) {
		err = reply{http.StatusForbidden, "forbidden", "the capability " + row.Capability.String() + " is missing"}
	}
	var response any
	if err == nil {
		response, err = s.call(r, c, row)
	}
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	if row.Status == http.StatusNoContent {
		w.WriteHeader(row.Status)
		return
	}
	s.writeJSON(w, r, row.Status, response)
}

// call resolves the path and calls the row's handler.
func (s *server) call(r *http.Request, who caller, row *Route) (_ any, err error) {
	c := call{manager: s.manager, organization: who.organization}
	if id := r.PathValue("session"); id != "" {
		if c.session, err = s.session(who.organization, id); err != nil {
			return nil, err
		}
	}
	if jid := r.PathValue("jid"); jid != "" {
		if c.jid, err = parseJID(jid); err != nil {
			return nil, err
		}
	}
	return row.handle(r, c)
}

// session finds a session by id. What is no number, does not exist or belongs to another organisation is not found.
func (s *server) session(organization, id string) (*instance.Instance, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, &instance.Error{Kind: instance.KindUnknownInstance}
	}
	return s.manager.OwnedInstance(organization, instance.ID(n))
}
