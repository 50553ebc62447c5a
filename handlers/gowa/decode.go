package gowa

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow/types"

	"greengate/handlers/upload"
	"greengate/instance"
)

const maxJSONBody = 100 << 10

// bodied is a request that is read from the body.
type bodied interface {
	read(r *http.Request, maxUpload int64) error
}

// decode fills a request from the body, if it has one, and from the query by its tags.
func (s *server) decode(r *http.Request, request any) error {
	if b, ok := request.(bodied); ok {
		return b.read(r, s.config.MaxUpload)
	}
	if value := reflect.ValueOf(request).Elem(); value.Kind() == reflect.Struct {
		return fillQuery(value, r.URL.Query())
	}
	return nil
}

// fillQuery sets the string and bool fields that have a query tag.
func fillQuery(target reflect.Value, query url.Values) error {
	for n := range target.NumField() {
		field := target.Type().Field(n)
		name := field.Tag.Get("query")
		text := strings.TrimSpace(query.Get(name))
		switch {
		case text == "" && field.Tag.Get("check") == "required":
			return invalid(name + ": cannot be blank.")
		case text == "":
		case field.Type.Kind() == reflect.Bool:
			value, err := strconv.ParseBool(text)
			if err != nil {
				return invalid(name + ": must be true or false.")
			}
			target.Field(n).SetBool(value)
		default:
			target.Field(n).SetString(text)
		}
	}
	return nil
}

func (u *AvatarUpload) read(r *http.Request, limit int64) error {
	form, err := upload.Read(r, limit, "avatar")
	u.image = form.File
	if err == nil && len(u.image) == 0 {
		return invalid("avatar: cannot be blank.")
	}
	return complain(err)
}

func (u *GroupPhotoUpload) read(r *http.Request, limit int64) error {
	form, err := upload.Read(r, limit, "photo", "group_id")
	u.GroupID, u.image = form.Texts["group_id"], form.File
	if err == nil && u.GroupID == "" {
		return invalid("group_id: cannot be blank.")
	}
	return complain(err)
}

func complain(err error) error {
	if errors.Is(err, upload.ErrMalformed) {
		return invalid(err.Error())
	}
	return err
}

func (d *NewDevice) read(r *http.Request, _ int64) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxJSONBody))
	if err != nil {
		return invalid("the body is cut off or too large")
	}
	if len(bytes.TrimSpace(body)) > 0 && json.Unmarshal(body, d) != nil {
		return invalid("the body must be a JSON object with device_id as a string")
	}
	return nil
}

var errInvalidJID = reply{
	status: http.StatusBadRequest, code: "INVALID_JID", text: "not a number, or not a JID of the kind that is wanted here",
}

// parseJID reads a number, with or without +, or the JID of a person or a group.
func parseJID(text string) (types.JID, error) {
	text = strings.TrimPrefix(text, "+")
	user, server, found := strings.Cut(text, "@")
	if !found || server == types.DefaultUserServer {
		user, _, _ = strings.Cut(user, ":") // the device
		text = user + "@c.us"
	}
	jid, ok := instance.ParseChatID(text)
	if !ok {
		return jid, errInvalidJID
	}
	return jid, nil
}
