package sandbox

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
)

func TestMedia(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		sender, receiver := newClient(t, w, alice), newClient(t, w, bob)
		plain := []byte(strings.Repeat("a document ", 1000))
		up, err := sender.Upload(t.Context(), plain, whatsmeow.MediaDocument)
		ok(t, err)
		document := &waE2E.DocumentMessage{
			DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256,
			FileSHA256: up.FileSHA256, FileLength: proto.Uint64(up.FileLength),
		}
		down, err := receiver.Download(t.Context(), document)
		ok(t, err)
		if !bytes.Equal(down, plain) {
			t.Error("what was downloaded is not what was uploaded")
		}
		ok(t, sender.DeleteMedia(t.Context(), whatsmeow.MediaDocument, up.DirectPath, up.FileEncSHA256, up.Handle))
		if _, err := receiver.Download(t.Context(), document); !errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith404) {
			t.Errorf("download of a deleted file: %v", err)
		}
		raw, err := sender.UploadNewsletter(t.Context(), plain, whatsmeow.MediaImage)
		ok(t, err)
		if open, err := receiver.DownloadMediaWithOnlyPath(t.Context(), raw.DirectPath); err != nil || !bytes.Equal(open, plain) {
			t.Errorf("unencrypted file: %d bytes, %v", len(open), err)
		}
	})
}

func TestUploadRefused(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		h := w.Network().HTTPClient()
		defer h.CloseIdleConnections()
		body := []byte("encrypted")
		expiry, mac := w.signer.sign(alice, time.Now().Add(time.Minute))
		auth := "?auth=491700000001." + expiry + "." + mac
		post := func(path string) int {
			t.Helper()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://mmg.whatsapp.net"+path, bytes.NewReader(body))
			ok(t, err)
			resp, err := h.Do(request)
			ok(t, err)
			resp.Body.Close()
			return resp.StatusCode
		}
		for _, test := range []struct {
			name, path string
			want       int
		}{
			{"allowed", "/mms/image/" + mediaToken(body) + auth, http.StatusOK},
			{"no auth", "/mms/image/" + mediaToken(body), http.StatusUnauthorized},
			{"forged auth", "/mms/image/" + mediaToken(body) + auth + "x", http.StatusUnauthorized},
			{"other hash", "/mms/image/" + mediaToken([]byte("other")) + auth, http.StatusBadRequest},
		} {
			if got := post(test.path); got != test.want {
				t.Errorf("%s: %d, want %d", test.name, got, test.want)
			}
		}
		pass(2 * time.Minute)
		if got := post("/mms/image/" + mediaToken(body) + auth); got != http.StatusUnauthorized {
			t.Errorf("expired auth: %d", got)
		}
	})
}

func TestMediaMakesRoom(t *testing.T) {
	h := newMediaHost()
	h.limit = 400
	piece := make([]byte, 100)
	for _, path := range []string{"a", "b", "c", "d", "e"} {
		h.add(path, piece)
	}
	if h.files["a"] != nil || len(h.files) != 4 || h.size != 400 || len(h.order) != 4 {
		t.Errorf("kept %d files of %d bytes, the oldest among them: %t", len(h.files), h.size, h.files["a"] != nil)
	}
}

func TestMediaFaults(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		inject(t, w, Fault{Kind: FaultMediaError, Match: "upload image", Number: alice, Code: http.StatusBadGateway})
		if _, err := c.Upload(t.Context(), []byte("x"), whatsmeow.MediaDocument); err != nil {
			t.Errorf("a fault of images hit a document: %v", err)
		}
		if _, err := c.Upload(t.Context(), []byte("x"), whatsmeow.MediaImage); err == nil || !strings.Contains(err.Error(), "502") {
			t.Errorf("faulty upload: %v", err)
		}
		up, err := c.Upload(t.Context(), []byte("x"), whatsmeow.MediaImage)
		ok(t, err)
		image := &waE2E.ImageMessage{
			DirectPath: &up.DirectPath, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256, FileSHA256: up.FileSHA256,
		}
		for code, want := range map[int]error{
			http.StatusForbidden: whatsmeow.ErrMediaDownloadFailedWith403,
			http.StatusNotFound:  whatsmeow.ErrMediaDownloadFailedWith404,
			http.StatusGone:      whatsmeow.ErrMediaDownloadFailedWith410,
		} {
			inject(t, w, Fault{Kind: FaultMediaError, Match: "download image", Code: code})
			if _, err := c.Download(t.Context(), image); !errors.Is(err, want) {
				t.Errorf("download refused with %d: %v", code, err)
			}
		}
		inject(t, w, Fault{Kind: FaultMediaError, Match: "download"})
		if _, err := c.Download(t.Context(), image); err != nil {
			t.Errorf("the client does not try again after a 503: %v", err)
		}
		c.setPicture(photo(t, 64, 64, 1))
		inject(t, w, Fault{Kind: FaultMediaError, Match: "download picture", Code: http.StatusGone})
		if status, _ := download(t, w, c.pictureInfo(c.phone.JID(), nil).URL); status != http.StatusGone {
			t.Errorf("faulty download of a picture: %d", status)
		}
	})
}
