package handlers

import (
	"bytes"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

func FuzzJSONBody(f *testing.F) {
	f.Add([]byte(`{"phoneNumber":15550001111,"chatId":"1@c.us"}`), "count=1")
	f.Add([]byte(`{"phoneNumber":`), "")
	f.Add([]byte(`null`), "chatId")
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", bytes.NewReader(body))
		r.URL.RawQuery = query
		value, err := decodeJSON(r, reflect.TypeFor[Chat](), nil)
		if chat, ok := value.(*Chat); err == nil && ok && chat.PhoneNumber != "" && strings.Trim(string(chat.PhoneNumber), "0123456789") != "" {
			t.Errorf("the number %q is none", chat.PhoneNumber)
		}
	})
}
