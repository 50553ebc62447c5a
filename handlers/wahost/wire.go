package wahost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

const maxBody = 64 << 10

func invalid(format string, args ...any) error {
	return &instance.Error{Kind: instance.KindInvalid, Detail: fmt.Sprintf(format, args...)}
}

// decode reads a request from the JSON body and, for fields with a query tag, from the query. Unknown keys are ignored.
func decode[Req any](r *http.Request) (request Req, err error) {
	fields := reflect.ValueOf(&request).Elem()
	for n := range fields.NumField() {
		if name, ok := fields.Type().Field(n).Tag.Lookup("query"); ok {
			fields.Field(n).SetString(r.URL.Query().Get(name))
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return request, invalid("the body cannot be read, or is larger than %d bytes", maxBody)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return request, nil
	}
	return request, complain(json.Unmarshal(body, &request))
}

func complain(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Field != "":
		return invalid("%s %s", wrong.Field, instance.JSONComplaint(err))
	default:
		return invalid("the body must be a JSON object")
	}
}

// parsePhone reads a number as people write it: 7 to 15 digits, international, with or without a plus and separators.
func parsePhone(text string) (digits string, err error) {
	digits = strings.NewReplacer("+", "", " ", "", "-", "", "(", "", ")", "").Replace(text)
	if len(digits) < 7 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return "", invalid("a phone number must have 7 to 15 digits, the country code first")
	}
	return digits, nil
}

// parseJID reads the address of a chat: a person by number (@s.whatsapp.net or @c.us, or nothing but the number) or by LID, a group
// or a channel.
func parseJID(text string) (types.JID, error) {
	user, server, found := strings.Cut(text, "@")
	switch {
	case !found || server == types.DefaultUserServer:
		text = user + "@c.us"
	case server == types.NewsletterServer && user != "" && len(user) <= 32 && strings.Trim(user, "0123456789") == "":
		return types.NewJID(user, types.NewsletterServer), nil
	}
	jid, ok := instance.ParseChatID(text)
	if !ok {
		return types.JID{}, invalid("jid must be <number>@s.whatsapp.net, <id>@lid, <id>@g.us or <id>@newsletter")
	}
	return jid, nil
}

// waJID writes a chat id of the core as WhatsApp writes it; nil for none.
func waJID(id instance.ChatID) *string {
	text := string(id)
	if number, ok := strings.CutSuffix(text, "@c.us"); ok {
		text = number + "@" + types.DefaultUserServer
	}
	return orNull(text)
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
