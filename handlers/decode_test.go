package handlers

import (
	"bytes"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

func TestUploadTakesThePartThatIsMeant(t *testing.T) {
	part := func(name, file, data string) string {
		head := `--b` + "\r\n" + `Content-Disposition: form-data; name="` + name + `"`
		if file != "" {
			head += `; filename="` + file + `"`
		}
		return head + "\r\n\r\n" + data + "\r\n"
	}
	for _, test := range []struct{ name, body, want string }{
		{"only", part("file", "a.jpg", "A"), "A"},
		{"without a file name", part("file", "", "A"), "A"},
		{"a path as file name", part("file", `C:\pictures\a.jpg`, "A"), "A"},
		{"behind text", part("groupId", "", "x") + part("file", "a.jpg", "A"), "A"},
		{"before text", part("file", "blob", "A") + part("groupId", "", "x"), "A"},
		{"behind another file", part("preview", "p.jpg", "P") + part("file", "a.jpg", "A"), "A"},
		{"another name", part("note", "", "x") + part("avatar", "a.jpg", "A") + part("other", "b.jpg", "B"), "A"},
		{"text only", part("note", "", "x"), ""},
		{"empty", part("file", "a.jpg", ""), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader(test.body+"--b--\r\n"))
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			got, err := decodeUpload(r, "file", 1<<10)
			if err != nil || string(got) != test.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func FuzzUpload(f *testing.F) {
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nA\r\n--b--"))
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\n\r\n--b"))
	f.Add("image/jpeg", []byte("\xff\xd8"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		const limit = 1 << 10
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		data, err := decodeUpload(r, "file", limit)
		if err != nil && data != nil {
			t.Errorf("both %d bytes and %v", len(data), err)
		}
		if len(data) > limit || len(data) > len(body) {
			t.Errorf("%d bytes out of %d, limit %d", len(data), len(body), limit)
		}
	})
}

func FuzzJSONBody(f *testing.F) {
	f.Add([]byte(`{"phoneNumber":15550001111,"chatId":"1@c.us"}`), "count=1")
	f.Add([]byte(`{"phoneNumber":`), "")
	f.Add([]byte(`null`), "chatId")
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", bytes.NewReader(body))
		r.URL.RawQuery = query
		value, err := decodeJSON(r, reflect.TypeFor[Chat]())
		if chat, ok := value.(*Chat); err == nil && ok && chat.PhoneNumber != "" && strings.Trim(string(chat.PhoneNumber), "0123456789") != "" {
			t.Errorf("the number %q is none", chat.PhoneNumber)
		}
	})
}
