package upload_test

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greengate/handlers/upload"
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
			got, err := upload.Read(r, 1<<10, "file")
			if err != nil || string(got.File) != test.want {
				t.Errorf("%q, %v", got.File, err)
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
		form, err := upload.Read(r, limit, "file", "groupId")
		data := form.File
		if err != nil && data != nil {
			t.Errorf("both %d bytes and %v", len(data), err)
		}
		if len(data) > limit || len(data) > len(body) {
			t.Errorf("%d bytes out of %d, limit %d", len(data), len(body), limit)
		}
	})
}

func TestTextsAreReadOnBothSidesOfTheFile(t *testing.T) {
	const body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nF\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n3\r\n--b--\r\n"
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	form, err := upload.Read(r, 1<<10, "file", "a", "b")
	want := upload.Form{File: []byte("F"), Texts: map[string]string{"a": "1", "b": "2"}}
	if diff := cmp.Diff(want, form); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}
