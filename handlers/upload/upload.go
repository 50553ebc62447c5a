// Package upload reads the one file of a multipart request as leniently as real clients need it: the official SDKs of the imitated
// services mislabel types and names, so neither is looked at. Every dialect that takes files reads them here.
package upload

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"

	"greengate/instance"
)

const (
	maxEnvelope = 256 << 10 // what multipart headers and texts may add to a file
	maxText     = 128 << 10 // of a text part: a longer one is too long for every method even when it is cut
)

// ErrMalformed is returned for a multipart body that ends early or makes no sense.
var ErrMalformed = errors.New("the multipart body is cut off or malformed")

// Form is what was found in a multipart body.
type Form struct {
	File  []byte            // nil when there is none
	Texts map[string]string // those asked for that are there
}

// Read takes the part called name, else the first file part, whatever its declared type, and the text parts that are asked for, cut at
// 128 KB. A request that is not multipart gives an empty form. A file of more than limit bytes is an *instance.Error of KindTooLarge.
func Read(r *http.Request, limit int64, name string, texts ...string) (Form, error) {
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form := Form{Texts: map[string]string{}}
	if params["boundary"] == "" {
		return form, nil
	}
	parts := multipart.NewReader(http.MaxBytesReader(nil, r.Body, limit+maxEnvelope), params["boundary"])
	for found := false; !found || len(form.Texts) < len(texts); {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) || err != nil && found {
			break
		} else if err != nil {
			return Form{}, describe(err)
		}
		named := part.FormName() == name
		switch {
		case named && !found, part.FileName() != "" && form.File == nil:
			form.File, err = read(part, limit)
			found = named
		case slices.Contains(texts, part.FormName()):
			var text []byte
			text, err = io.ReadAll(io.LimitReader(part, maxText))
			form.Texts[part.FormName()] = string(text)
		}
		if err != nil {
			return Form{}, describe(err)
		}
	}
	return form, nil
}

func read(part io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(part, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = &http.MaxBytesError{Limit: limit}
	}
	return data, err
}

func describe(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &instance.Error{Kind: instance.KindTooLarge, Detail: "File is too large"}
	}
	return ErrMalformed
}
