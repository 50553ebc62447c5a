// Package document describes an HTTP interface from its table of rows: as OpenAPI 3.1 in YAML and as a Postman collection with its
// environment. Each dialect hands its own table in, so that no document is kept by hand and all of them look alike.
//
// Request and response types are read by reflection. A field with a json tag belongs to the body; one with a query or a header tag is
// a parameter, whose first name counts; the names in braces of a path are parameters too, and form tags name the texts beside an
// upload. Further tags: check:"required", doc (a description) and format.
package document

import (
	"cmp"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strings"
)

// Object is a JSON object of a document.
type Object = map[string]any

// API is one interface: a table of rows and what they have in common.
type API struct {
	Title     string
	About     string // some sentences of introduction
	Version   string
	URL       string            // base of all paths; a path alone stands for this server
	Security  string            // scheme of the Authorization header, bearer or basic; empty for none
	Rows      []Row             // in an order in which a collection can be run
	Variables map[string]string // a value for every {{name}} of an example, every {name} of a path and every text a form must have
	Success   string            // what a good status tells
	Failures  []Failure         // what every row may answer
	Error     reflect.Type      // the body of failures
	Schemas   map[reflect.Type]Object
}

// Row is one operation.
type Row struct {
	Name     string // unique
	Verb     string
	Path     string
	Folder   string
	Summary  string       // one line
	Request  reflect.Type // nil or a type without tagged fields: nothing is taken
	Also     reflect.Type // further parameters, as in Request; nil for none
	Upload   string       // name of the file part of a multipart body, which then replaces the JSON body
	Response reflect.Type // nil for no body
	Status   int          // of success; 0 stands for 200
	Refused  int          // status of every answer, if there is no success
	Pending  int          // status while there is nothing to answer with; 0 for none
	Query    string       // a query that works
	Example  string       // a body that works
	Answer   string       // an answer as JSON
	Script   []string     // lines to run in Postman after the answer
}

// Failure is a status that is not success.
type Failure struct {
	Status     int
	Meaning    string
	Body       bool // as API.Error says
	Text       bool // may be bare text instead
	RetryAfter bool
}

func (r *Row) status() int { return cmp.Or(r.Refused, r.Status, http.StatusOK) }

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// example is an example as JSON, with variables replaced by values that could be real.
func (a *API) example(text string) any {
	for name, value := range a.Variables {
		text = strings.ReplaceAll(text, "{{"+name+"}}", value)
	}
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return text
	}
	return parsed
}
