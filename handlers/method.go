package handlers

import (
	"context"
	"reflect"
	"time"

	"greengate/instance"
)

// Section is a chapter of GREEN-API's reference; it groups methods in the documents.
type Section string

// The sections, in the order of the reference.
const (
	SectionAccount   Section = "Account"
	SectionSending   Section = "Sending"
	SectionReceiving Section = "Receiving"
	SectionJournals  Section = "Journals"
	SectionQueues    Section = "Queues"
	SectionGroups    Section = "Groups"
	SectionStatuses  Section = "Statuses"
	SectionService   Section = "Service"
	SectionExtras    Section = "Extras" // ours: what GREEN-API's users ask for and its reference does not have
	SectionPartner   Section = "Partner"
)

// Method declares one method once: routing, decoding, limits, OpenAPI, Postman, metrics and the golden tests that must exist are all
// read from it. Rates are requests per second and instance (docs/api/ratelimiter).
type Method struct {
	Name     string // as GREEN-API writes it; matched without regard to case
	Verb     string
	Section  Section
	Summary  string // one line, for the documents
	Rate     float64
	Upload   string // name of the file part of a multipart request; empty for JSON
	MaxBytes int64  // of a file that is kept while it is read, see Kept
	Tail     string // name of a parameter behind the token; empty for none
	Example  string // a request body that works, for the documents; {{names}} are Postman's variables
	Query    string // the same for a query
	Answer   string // an answer, for the documents
	Works    string // on WhatsApp as it is, in a few words; empty for yes
	Refused  int    // the status of every call, for what WhatsApp does not have; 0 for methods that do something

	Request, Response reflect.Type
	ownLimit          bool // the core limits it and answers in the dialect's own shape
	alsoVerb          string
	onInstance        func(ctx context.Context, i *instance.Instance, request any) (any, error)
	onManager         func(ctx context.Context, m *instance.Manager, request any) (any, error)
}

// none is the request of methods that take nothing.
type none struct{}

// retrier is a response that tells the caller when to try again although its status is 200.
type retrier interface{ RetryAfter() time.Duration }

// forInstance completes a row whose token is the instance's.
func forInstance[Req, Resp any](m Method, handle func(context.Context, *instance.Instance, Req) (Resp, error)) Method {
	m.Request, m.Response = reflect.TypeFor[Req](), reflect.TypeFor[Resp]()
	m.onInstance = func(ctx context.Context, i *instance.Instance, request any) (any, error) {
		return handle(ctx, i, *request.(*Req))
	}
	return m
}

// forPartner completes a row whose token is the partner's.
func forPartner[Req, Resp any](m Method, handle func(context.Context, *instance.Manager, Req) (Resp, error)) Method {
	m.Request, m.Response = reflect.TypeFor[Req](), reflect.TypeFor[Resp]()
	m.onManager = func(ctx context.Context, manager *instance.Manager, request any) (any, error) {
		return handle(ctx, manager, *request.(*Req))
	}
	return m
}

// Path is the route as the reference writes it.
func (m *Method) Path() string {
	if m.Section == SectionPartner {
		return "/partner/" + m.Name + "/{partnerToken}"
	}
	path := "/waInstance{idInstance}/" + m.Name + "/{apiTokenInstance}"
	if m.Tail != "" {
		path += "/{" + m.Tail + "}"
	}
	return path
}

// accepts tells whether the method answers to a verb.
func (m *Method) accepts(verb string) bool {
	return verb == m.Verb || m.alsoVerb != "" && verb == m.alsoVerb
}

// Methods is the whole table, in the order of the reference.
func Methods() []Method {
	var rows []Method
	for _, section := range []struct {
		name Section
		rows []Method
	}{
		{SectionAccount, accountMethods()},
		{SectionSending, sendingMethods()},
		{SectionReceiving, receivingMethods()},
		{SectionJournals, journalMethods()},
		{SectionQueues, queueMethods()},
		{SectionGroups, groupMethods()},
		{SectionStatuses, statusMethods()},
		{SectionService, serviceMethods()},
		{SectionExtras, extraMethods()},
		{SectionPartner, partnerMethods()},
	} {
		for _, row := range section.rows {
			row.Section = section.name
			rows = append(rows, row)
		}
	}
	return rows
}

// empty is the response of methods that answer 200 without a body.
type empty struct{}
