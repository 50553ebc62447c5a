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
func Read(r *http.Request, limit int64, name string, texts ...string) (form Form, err error) {
	form.Texts, err = Stream(r, limit, name, func(part io.Reader, _ string) (err error) {
		form.File, err = read(part, limit)
		return err
	}, texts...)
	if err != nil {
		return Form{}, err
	}
	return form, nil
}

// Stream is Read for files that are kept as they come in, with the name that the client gives them. keep is called again when the part
// called name comes behind another file, which is then not meant. Its errors are returned as they are.
func Stream(r *http.Request, limit int64, name string, keep func(file io.Reader, fileName string) error, texts ...string) (map[string]string, error) {
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	found := map[string]string{}
	if params["boundary"] == "" {
		return found, nil
	}
	parts := multipart.NewReader(http.MaxBytesReader(nil, r.Body, limit+maxEnvelope), params["boundary"])
	for meant, kept := false, false; !meant || len(found) < len(texts); {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) || err != nil && meant {
			break
		} else if err != nil {
			return nil, describe(err)
		}
		named := part.FormName() == name
		switch {
		case named && !meant, part.FileName() != "" && !kept:
			if err := keep(part, part.FileName()); err != nil {
				return nil, describe(err)
			}
			meant, kept = named, true
		case slices.Contains(texts, part.FormName()):
			text, err := io.ReadAll(io.LimitReader(part, maxText))
			if err != nil {
				return nil, describe(err)
			}
			found[part.FormName()] = string(text)
		}
	}
	return found, nil
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
	var known *instance.Error
	switch {
	case errors.As(err, &tooLarge):
		return &instance.Error{Kind: instance.KindTooLarge, Detail: "File is too large"}
	case errors.As(err, &known):
		return err
	}
	return ErrMalformed
}
