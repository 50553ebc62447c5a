package attachment

import "testing"

func TestMIME(t *testing.T) {
	docx := "PK\x03\x04\x14\x00\x00\x00\x00\x00" // too little of it to tell from the bytes
	for _, test := range []struct{ head, name, want string }{
		{"\xff\xd8\xff\xe0", "a.png", "image/jpeg"},
		{"%PDF-1.7\n", "a.docx", "application/pdf"},
		{docx, "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{docx, "a.pdf", "application/zip"},
		{"PK\x03\x04\x14\x00\x06\x00", "A.XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old.doc", "application/msword"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"one,two\n", "a.csv", "text/csv"},
		{"# Title\n", "a.md", "text/markdown"},
		{"some text\n", "", "text/plain"},
		{"some text\n", "a.jpg", "text/plain"},
		{`<svg xmlns="http://www.w3.org/2000/svg"></svg>`, "a.svg", "image/svg+xml"},
		{"\x00\x01\x02\x03\x04", "a.mp4", "video/mp4"},
		{"\x00\x01\x02\x03\x04", "a", "application/octet-stream"},
		{"", "a.txt", "text/plain"},
		{"", "", "application/octet-stream"},
		{"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00", "a", "audio/mp4"},
		{"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "a.jpg", "image/heic"},
		{"II*\x00\x08\x00\x00\x00", "a.jpg", "image/tiff"},
		{"#!AMR\n", "a", "audio/amr"},
	} {
		if got := MIME([]byte(test.head), test.name); got != test.want {
			t.Errorf("%q named %q is %s, want %s", test.head, test.name, got, test.want)
		}
	}
}

func TestExtension(t *testing.T) {
	for mime, want := range map[string]string{
		"image/jpeg": ".jpg", "audio/ogg; codecs=opus": ".ogg", "audio/mp4": ".m4a", "video/mp4": ".mp4", "application/pdf": ".pdf",
		"text/plain; charset=utf-8": ".txt", "application/octet-stream": ".bin", "no/such": ".bin", "": ".bin",
	} {
		if got := Extension(mime); got != want {
			t.Errorf("%q: %s, want %s", mime, got, want)
		}
	}
}

// TestTypesHaveNames wants every type that a name can stand for to give back an extension.
func TestTypesHaveNames(t *testing.T) {
	for ext, mime := range byExtension {
		if got := Extension(mime); got == ".bin" {
			t.Errorf("%s is %s, which has no extension", ext, mime)
		}
	}
}
