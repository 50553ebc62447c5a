package wuts

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

// decode fills a request from the JSON body, which GET has none of, from the path, and from the query where the body left a field
// open.
func decode(c *call, request any) error {
	if c.Method != http.MethodGet {
		if err := decodeBody(c.Body, c.limit, request); err != nil {
			return err
		}
	}
	target := reflect.ValueOf(request).Elem()
	if target.Kind() != reflect.Struct {
		return nil
	}
	for _, field := range reflect.VisibleFields(target.Type()) {
		value := target.FieldByIndex(field.Index)
		if name := field.Tag.Get("path"); name != "" {
			value.SetString(c.PathValue(name))
		}
		if err := fillFromQuery(c.Request, field, value); err != nil {
			return err
		}
		if field.Tag.Get("check") == "required" && value.IsZero() {
			name := parameterName(field)
			return invalid(name, name+" is required", "")
		}
	}
	return nil
}

func decodeBody(body io.Reader, limit int64, request any) error {
	data, err := io.ReadAll(http.MaxBytesReader(nil, io.NopCloser(body), limit))
	var tooLarge *http.MaxBytesError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &tooLarge):
		return invalid("body", fmt.Sprintf("body is larger than %d bytes", tooLarge.Limit), "")
	case err != nil:
		return invalid("body", "body could not be read", "")
	case len(bytes.TrimSpace(data)) == 0:
		return nil
	}
	err = json.Unmarshal(data, request)
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return invalid(wrong.Field, fmt.Sprintf("%s cannot be a %s", wrong.Field, wrong.Value), "")
	case err != nil:
		return invalid("body", "body is not a JSON object", "")
	}
	return nil
}

// fillFromQuery sets a field that is still open from the first of its query names that is there.
func fillFromQuery(r *http.Request, field reflect.StructField, value reflect.Value) error {
	names := field.Tag.Get("query")
	if names == "" || !value.IsZero() {
		return nil
	}
	for name := range strings.SplitSeq(names, ",") {
		text := strings.TrimSpace(r.URL.Query().Get(name))
		if text == "" {
			continue
		}
		if value.Kind() == reflect.String {
			value.SetString(text)
			return nil
		}
		yes, err := strconv.ParseBool(text)
		if err != nil {
			return invalid(name, name+" must be true or false", text)
		}
		if value.Kind() == reflect.Pointer {
			value.Set(reflect.ValueOf(&yes))
		} else {
			value.SetBool(yes)
		}
		return nil
	}
	return nil
}

// parameterName is the name of a field in the body, else in the query.
func parameterName(field reflect.StructField) string {
	name := field.Tag.Get("json")
	if name == "-" {
		name, _, _ = strings.Cut(field.Tag.Get("query"), ",")
	}
	return name
}

// image decodes base64 with or without the prefix of a data URL and with or without padding.
func image(text string) ([]byte, error) {
	if strings.HasPrefix(text, "data:") {
		_, data, found := strings.Cut(text, ";base64,")
		if !found {
			return nil, errNotBase64
		}
		text = data
	}
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(text), "="))
	if err != nil {
		return nil, errNotBase64
	}
	return data, nil
}

// digits strips a number of + - ( ) [ ] and spaces. What is left must be 10 to 15 digits.
func digits(field, text string) (string, error) {
	number := strings.NewReplacer("+", "", "-", "", "(", "", ")", "", "[", "", "]", "", " ", "").Replace(text)
	if len(number) < 10 || len(number) > 15 || strings.Trim(number, "0123456789") != "" {
		return "", invalid(field, field+" must have 10 to 15 digits", text)
	}
	return number, nil
}

// chat resolves a person or a group that is named by jid, or by number when there is no jid.
func (w Whom) chat() (types.JID, error) {
	if w.JID == "" && w.Number == "" {
		return types.JID{}, invalid("jid", "jid or number is required", "")
	}
	field, text := "jid", w.JID
	if text == "" {
		field, text = "number", w.Number
	}
	user, server, found := strings.Cut(text, "@")
	if !found {
		number, err := digits(field, text)
		return types.NewJID(number, types.DefaultUserServer), err
	}
	if server == types.DefaultUserServer {
		user, _, _ = strings.Cut(user, ":") // the device
		text = user + "@c.us"
	}
	jid, ok := instance.ParseChatID(text)
	if !ok {
		return jid, invalid(field, field+" is not a JID", text)
	}
	return jid, nil
}

// person is chat without groups.
func (w Whom) person() (types.JID, error) {
	jid, err := w.chat()
	if err == nil && jid.Server == types.GroupServer {
		err = invalid("jid", "jid must be a person's", w.JID)
	}
	return jid, err
}
