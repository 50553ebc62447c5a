package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow/types"
)

// fileAnswer is an answer that is no JSON.
type fileAnswer struct {
	mimetype string
	data     []byte
}

// controlMedia lists what is done with files. Its requests may be as large as the media host allows.
func controlMedia() []controlRoute {
	return []controlRoute{
		{
			"POST /phones/{number}/media", "(file) ?to kind caption fileName ...", "sends a file: image, video, audio, voice, document, sticker",
			phoneAct(sendFile),
		},
		{"GET /phones/{number}/messages/{id}/media", "", "the file of a message, opened by the phone", phoneAct(openFileEntry)},
		{
			"DELETE /phones/{number}/messages/{id}/media", "", "deletes the file from the phone",
			phoneAct(func(p *Phone, r *http.Request) (any, error) { p.DropMedia(r.PathValue("id")); return nil, nil }),
		},
		{
			"DELETE /media/{id}", "", "makes the media host lose the file of a message",
			func(w *World, r *http.Request) (any, error) { return nil, w.LoseMedia(r.PathValue("id")) },
		},
	}
}

// sendFile sends the request's body, or posts it as a status if it goes to status@broadcast.
func sendFile(p *Phone, r *http.Request) (any, error) {
	query := r.URL.Query()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, malformedError{fmt.Errorf("read the body: %w", err)}
	}
	seconds, err := strconv.Atoi(cmp.Or(query.Get("seconds"), "0"))
	if err != nil {
		return nil, malformedError{errors.New("seconds are a number")}
	}
	m := Media{
		Kind: MediaKind(query.Get("kind")), Data: data, Mimetype: query.Get("mimetype"), Caption: query.Get("caption"),
		FileName: query.Get("fileName"), Seconds: seconds, ViewOnce: query.Get("viewOnce") == "true",
	}
	to := chatJID(query.Get("to"))
	if to != types.StatusBroadcastJID {
		id, err := p.SendMedia(r.Context(), to, m)
		return idEntry{id}, err
	}
	post, err := p.Upload(m)
	if err != nil {
		return nil, err
	}
	numbers := strings.FieldsFunc(query.Get("numbers"), func(c rune) bool { return c == ',' })
	id, err := p.PostStatus(r.Context(), post, numbers...)
	return idEntry{id}, err
}

func openFileEntry(p *Phone, r *http.Request) (any, error) {
	m, found := p.Message(r.PathValue("id"))
	if !found {
		return nil, errNoMessage
	}
	data, err := p.OpenMedia(m)
	if err != nil {
		return nil, err
	}
	mimetype := "application/octet-stream"
	if file, ok := fileOf(m.Proto).(interface{ GetMimetype() string }); ok {
		mimetype = cmp.Or(file.GetMimetype(), mimetype)
	}
	return fileAnswer{mimetype, data}, nil
}
