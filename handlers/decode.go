package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"

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
	values, err := bodyValues(r)
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

// bodyValues reads the body as one JSON object; an empty one is an object without keys.
func bodyValues(r *http.Request) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxJSONBody+1))
	if err != nil {
		return nil, reply{http.StatusBadRequest, true, "the body could not be read"}
	}
	if len(body) > maxJSONBody {
		return nil, errJSONTooLarge
	}
	if len(bytes.TrimSpace(body)) == 0 {
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

// fill decodes the values into a request struct field by field, those of embedded structs included, so that the first wrong one can be
// named. The names stand in the fields' json or form tags.
func fill(target reflect.Value, tag string, values map[string]json.RawMessage) error {
	for _, field := range reflect.VisibleFields(target.Type()) {
		name, required := field.Tag.Get(tag), field.Tag.Get("check") == "required"
		if name == "" {
			continue
		}
		raw, ok := values[name]
		if !ok || string(raw) == "null" { // clients in Java write what is not set as null
			if required {
				return invalid("'%s' is required", name)
			}
			continue
		}
		if required && string(raw) == `""` {
			return invalid("'%s' is not allowed to be empty", name)
		}
		if err := json.Unmarshal(raw, target.FieldByIndex(field.Index).Addr().Interface()); err != nil {
			return describeType(name, err)
		}
	}
	if v, ok := target.Addr().Interface().(validator); ok {
		return v.validate()
	}
	return nil
}

func describeType(name string, err error) error {
	var known *instance.Error
	if errors.As(err, &known) {
		return known
	}
	return invalid("'%s' %s", name, instance.JSONComplaint(err))
}

// uploaded is a request that takes a file; see Upload.
type uploaded interface{ setFile(data []byte) }

// decodeForm fills a new value of a request type that embeds Upload from a multipart body: the file, whatever its part is called, and
// the texts beside it, in any order, that fields have a form tag for.
func decodeForm(r *http.Request, row *Method, limit int64) (any, error) {
	value, fields := reflect.New(row.Request), map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(row.Request) {
		if name := field.Tag.Get("form"); name != "" {
			fields[name] = field.Type
		}
	}
	form, err := upload.Read(r, limit, row.Upload, slices.Collect(maps.Keys(fields))...)
	if errors.Is(err, upload.ErrMalformed) {
		err = reply{http.StatusBadRequest, true, err.Error()}
	}
	if err != nil {
		return nil, err
	}
	value.Interface().(uploaded).setFile(form.File)
	values := map[string]json.RawMessage{}
	for name, text := range form.Texts {
		values[name] = formValue(fields[name], text)
	}
	return value.Interface(), fill(value.Elem(), "form", values)
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
