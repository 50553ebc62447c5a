package handlers

import (
	"bytes"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// formRequest has a field of every kind that a form can fill.
type formRequest struct {
	Upload
	Name    string  `form:"name" check:"required"`
	Caption string  `form:"caption"`
	Count   *int    `form:"count"`
	Large   bool    `form:"large"`
	Typing  typing  `form:"typingTime"`
	Degrees float64 `form:"degrees"`
}

func TestFormsFillRequests(t *testing.T) {
	three := 3
	for _, test := range []struct {
		name  string
		texts map[string]string
		want  formRequest
		err   string
	}{
		{"digits as text", map[string]string{"name": "12"}, formRequest{Name: "12"}, ""},
		{
			"all",
			map[string]string{"name": "a", "caption": "true", "count": "3", "large": "true", "typingTime": "1000", "degrees": "1.5"},
			formRequest{Name: "a", Caption: "true", Count: &three, Large: true, Typing: 1000, Degrees: 1.5},
			"",
		},
		{"empty", map[string]string{"name": "a", "caption": "", "count": "", "large": "", "typingTime": ""}, formRequest{Name: "a"}, ""},
		{"missing", nil, formRequest{}, "'name' is required"},
		{"required and empty", map[string]string{"name": ""}, formRequest{}, "'name' is not allowed to be empty"},
		{"no number", map[string]string{"name": "a", "count": "x"}, formRequest{}, "'count' must be a number"},
		{"no boolean", map[string]string{"name": "a", "large": "1"}, formRequest{}, "'large' must be a boolean"},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nF\r\n"
			for name, text := range test.texts {
				body += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + text + "\r\n"
			}
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader(body+"--b--"))
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			value, err := decodeForm(r, &Method{Request: reflect.TypeFor[formRequest](), Upload: "file"}, 1<<10, nil)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("%v, want %q", err, test.err)
				}
				return
			}
			test.want.File = []byte("F")
			if diff := cmp.Diff(&test.want, value); diff != "" || err != nil {
				t.Errorf("%v (-want +got)\n%s", err, diff)
			}
		})
	}
}

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
