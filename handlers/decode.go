package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"greengate/handlers/upload"
	"greengate/instance"
)

const maxJSONBody = 100 << 10 // GREEN-API's own limit (docs/api/common-errors)

var errJSONTooLarge = reply{http.StatusInternalServerError, true, "request entity too large"} // 500 as the real service

func invalid(format string, args ...any) error {
	return &instance.Error{Kind: instance.KindInvalid, Detail: fmt.Sprintf(format, args...)}
}

// decodeJSON fills a new value of a request type from the JSON body and the query. Either may be missing, on any verb, since real
// clients send both with GET. tail is what stands behind the token. Unknown keys are ignored.
func decodeJSON(r *http.Request, request reflect.Type, tail map[string]string) (any, error) {
	value := reflect.New(request)
	values, err := bodyValues(r, onlyField(request))
	if err != nil {
		return nil, err
	}
	for name, text := range tail {
		values[name] = queryValue(text)
	}
	for name, texts := range r.URL.Query() {
		if _, ok := values[name]; !ok && texts[0] != "" {
			values[name] = queryValue(texts[0])
		}
	}
	if taker, ok := value.Interface().(interface {
		take(map[string]json.RawMessage) error
	}); ok {
		return value.Interface(), taker.take(values)
	}
	return value.Interface(), fill(value.Elem(), "json", values)
}

// onlyField is the name of the field of a request that has but one; empty for others.
func onlyField(request reflect.Type) string {
	if request.Kind() == reflect.Struct && request.NumField() == 1 {
		return request.Field(0).Tag.Get("json")
	}
	return ""
}

// bodyValues reads the body as one JSON object; an empty one is an object without keys. A bare number, as clients in Java and Python send
// it, is the value of the only field.
func bodyValues(r *http.Request, only string) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxJSONBody+1))
	if err != nil {
		return nil, reply{http.StatusBadRequest, true, "the body could not be read"}
	}
	if len(body) > maxJSONBody {
		return nil, errJSONTooLarge
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return values, nil
	}
	if _, err := strconv.ParseInt(string(body), 10, 64); err == nil && only != "" {
		values[only] = body
		return values, nil
	}
	err = json.Unmarshal(body, &values)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return nil, reply{http.StatusBadRequest, true, describeSyntax(body, syntax)}
	} else if err != nil {
		return nil, invalid("'value' must be of type object")
	}
	if values == nil { // the body was null
		values = map[string]json.RawMessage{}
	}
	return values, nil
}

// describeSyntax words malformed JSON as the parser of the real service does.
func describeSyntax(body []byte, err *json.SyntaxError) string {
	if at := err.Offset - 1; at >= 0 && err.Error() != "unexpected end of JSON input" {
		return fmt.Sprintf("Unexpected token %c in JSON at position %d", body[at], at)
	}
	return "Unexpected end of JSON input"
}

// queryValue makes JSON of a query parameter: numbers and booleans stay what they look like.
func queryValue(text string) json.RawMessage {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil || text == "true" || text == "false" {
		return json.RawMessage(text)
	}
	quoted, _ := json.Marshal(text) // a string always has a JSON form
	return quoted
}

// validator is a request with rules beyond those of its tags.
type validator interface{ validate() error }

// checker is a validator that has to know what was sent.
type checker interface {
	check(values map[string]json.RawMessage) error
}

// fill decodes the values into a request struct field by field, in the order of their declaration, so that the first wrong one can be
// named; an embedded struct is validated before the fields behind it. The names stand in the fields' json or form tags.
func fill(target reflect.Value, tag string, values map[string]json.RawMessage) error {
	for n := range target.NumField() {
		field, err := target.Type().Field(n), error(nil)
		if field.Anonymous {
			err = fill(target.Field(n), tag, values)
		} else if name := field.Tag.Get(tag); name != "" {
			err = fillField(target.Field(n), name, field.Tag.Get("check") == "required", values)
		}
		if err != nil {
			return err
		}
	}
	switch v := target.Addr().Interface().(type) {
	case validator:
		return v.validate()
	case checker:
		return v.check(values)
	}
	return nil
}

// fillField decodes one value. What is null, as clients in Java write it, or empty, as n8n does, is taken for absent; but a *string
// keeps an empty text, which says something there.
func fillField(target reflect.Value, name string, required bool, values map[string]json.RawMessage) error {
	raw, ok := values[name]
	absent := !ok || string(raw) == "null"
	switch {
	case absent && required:
		return invalid("'%s' is required", name)
	case string(raw) == `""` && required:
		return invalid("'%s' is not allowed to be empty", name)
	case absent, string(raw) == `""` && target.Type() != reflect.TypeFor[*string]():
		return nil
	}
	if err := json.Unmarshal(raw, target.Addr().Interface()); err != nil {
		return describeType(name, err)
	}
	return nil
}

func describeType(name string, err error) error {
	var known *instance.Error
	var text reply
	if errors.As(err, &known) || errors.As(err, &text) {
		return err
	}
	return invalid("'%s' %s", name, instance.JSONComplaint(err))
}

// uploaded is a request that takes a file; see Upload.
type uploaded interface{ setFile(data []byte) }

// keeper stores a file while it is read.
type keeper func(file io.Reader, name string) (instance.StoredFile, error)

// decodeForm fills a new value of a request type that embeds Upload or Kept from a multipart body: the file, whatever its part is called,
// and the texts beside it, in any order, that fields have a form tag for. keep stores the file of a request that embeds Kept.
func decodeForm(r *http.Request, row *Method, limit int64, keep keeper) (any, error) {
	value, fields := reflect.New(row.Request), map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(row.Request) {
		if name := field.Tag.Get("form"); name != "" {
			fields[name] = field.Type
		}
	}
	texts, err := readFile(r, row, limit, value.Interface(), keep, slices.Collect(maps.Keys(fields)))
	if errors.Is(err, upload.ErrMalformed) {
		err = reply{http.StatusBadRequest, true, err.Error()}
	}
	if err != nil {
		return nil, err
	}
	values := map[string]json.RawMessage{}
	for name, text := range texts {
		values[name] = formValue(fields[name], text)
	}
	return value.Interface(), fill(value.Elem(), "form", values)
}

// readFile reads the file into the request, or stores it while it is read, and returns the texts beside it. A file that is to be stored
// may also be the whole body.
func readFile(r *http.Request, row *Method, limit int64, request any, keep keeper,
	texts []string,
) (map[string]string, error) {
	if inMemory, ok := request.(uploaded); ok {
		form, err := upload.Read(r, limit, row.Upload, texts...)
		inMemory.setFile(form.File)
		return form.Texts, err
	}
	empty := true
	store := func(file io.Reader, name string) error {
		f, err := keep(file, baseName(name))
		request.(stored).setStored(f)
		empty = false
		return err
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); !strings.HasPrefix(kind, "multipart/") {
		return nil, keepBody(r, store)
	}
	found, err := upload.Stream(r, row.MaxBytes, row.Upload, store, texts...)
	if err == nil && empty {
		err = &instance.Error{Kind: instance.KindFileEmpty}
	}
	return found, err
}

// formValue makes JSON of a text for a field of some type. Only strings, and what reads itself from one, can be empty.
func formValue(field reflect.Type, text string) json.RawMessage {
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	textual := field.Kind() == reflect.String || reflect.PointerTo(field).Implements(reflect.TypeFor[json.Unmarshaler]())
	switch {
	case !textual && text == "":
		return json.RawMessage("null")
	case !textual && json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	quoted, _ := json.Marshal(text) // a string always has a JSON form
	return quoted
}
