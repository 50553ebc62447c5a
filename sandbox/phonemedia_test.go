package sandbox

import (
	"bytes"
	"errors"
	"net/http"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waMmsRetry"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
)

func TestPhoneSendsMedia(t *testing.T) {
	for _, test := range []struct {
		media  Media
		wire   string // the media type in the stanza
		caught func(m *waE2E.Message) (whatsmeow.DownloadableMessage, bool)
	}{
		{Media{Kind: MediaImage, Caption: "look", Thumbnail: []byte{1}}, "image", func(m *waE2E.Message) (whatsmeow.DownloadableMessage, bool) {
			i := m.GetImageMessage()
			return i, i.GetCaption() == "look" && i.GetMimetype() == "image/jpeg" && len(i.GetJPEGThumbnail()) == 1 && i.GetFileLength() == 11
		}},
		{Media{Kind: MediaVideo, Mimetype: "video/3gpp", Seconds: 7}, "video", func(m *waE2E.Message) (whatsmeow.DownloadableMessage, bool) {
			v := m.GetVideoMessage()
			return v, v.GetMimetype() == "video/3gpp" && v.GetSeconds() == 7 && v.Caption == nil
		}},
		{Media{Kind: MediaAudio}, "audio", func(m *waE2E.Message) (whatsmeow.DownloadableMessage, bool) {
			return m.GetAudioMessage(), !m.GetAudioMessage().GetPTT()
		}},
		{Media{Kind: MediaVoice}, "ptt", func(m *waE2E.Message) (whatsmeow.DownloadableMessage, bool) {
			return m.GetAudioMessage(), m.GetAudioMessage().GetPTT()
		}},
		{Media{Kind: MediaDocument, FileName: "a.pdf", Caption: "read"}, "document", func(m *waE2E.Message) (whatsmeow.DownloadableMessage, bool) {
			d := m.GetDocumentMessage()
			return d, d.GetFileName() == "a.pdf" && d.GetCaption() == "read"
		}},
		{Media{Kind: MediaSticker}, "sticker", func(m *waE2E.Message) (whatsmeow.DownloadableMessage, bool) {
			return m.GetStickerMessage(), m.GetStickerMessage().GetMimetype() == "image/webp"
		}},
	} {
		t.Run(test.wire, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *World) {
				alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
				test.media.Data = []byte("hello world")
				_, err := alice.SendMedia(t.Context(), bob.phone.JID(), test.media)
				ok(t, err)
				e := awaitMessage(bob)
				file, good := test.caught(e.Message)
				if !good || e.Info.Type != "media" || e.Info.MediaType != test.wire || e.IsDocumentWithCaption != (test.wire == "document") {
					t.Errorf("got %s %s %+v", e.Info.Type, e.Info.MediaType, e.Message)
				}
				if data, err := bob.Download(t.Context(), file); err != nil || string(data) != "hello world" {
					t.Errorf("the companion opened %q, %v", data, err)
				}
				if data, err := bob.phone.OpenMedia(receive(t, bob.phone)); err != nil || string(data) != "hello world" {
					t.Errorf("the phone opened %q, %v", data, err)
				}
			})
		})
	}
}

// sendDocument sends a file from a companion.
func sendDocument(t *testing.T, c *client, to *Phone, data []byte) (id string) {
	t.Helper()
	up, err := c.Upload(t.Context(), data, whatsmeow.MediaDocument)
	ok(t, err)
	sent, err := c.SendMessage(t.Context(), to.JID(), &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{
		DirectPath: &up.DirectPath, URL: &up.URL, MediaKey: up.MediaKey, FileEncSHA256: up.FileEncSHA256,
		FileSHA256: up.FileSHA256, FileLength: proto.Uint64(up.FileLength), FileName: proto.String("a.bin"),
	}})
	ok(t, err)
	return sent.ID
}

func TestPhoneOpensMedia(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		plain := bytes.Repeat([]byte("a document "), 1000)
		id := sendDocument(t, alice, bob, plain)
		m := receive(t, bob)
		if data, err := bob.OpenMedia(m); err != nil || !bytes.Equal(data, plain) {
			t.Errorf("%d bytes, %v", len(data), err)
		}
		for name, spoil := range map[string]func(d *waE2E.DocumentMessage){
			"key":             func(d *waE2E.DocumentMessage) { d.MediaKey = make([]byte, 32) },
			"hash":            func(d *waE2E.DocumentMessage) { d.FileSHA256 = make([]byte, 32) },
			"hash when shut":  func(d *waE2E.DocumentMessage) { d.FileEncSHA256 = make([]byte, 32) },
			"path of another": func(d *waE2E.DocumentMessage) { d.DirectPath = proto.String(w.storeMedia([]byte("short"))) },
		} {
			spoilt := m
			spoilt.Proto = proto.CloneOf(m.Proto)
			spoil(spoilt.Proto.DocumentMessage)
			if _, err := bob.OpenMedia(spoilt); !errors.Is(err, errSealed) {
				t.Errorf("with a wrong %s: %v", name, err)
			}
		}
		ok(t, w.LoseMedia(id))
		if _, err := bob.OpenMedia(m); !errors.Is(err, errNoMedia) {
			t.Errorf("a lost file: %v", err)
		}
	})
}

func TestMediaRetry(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
		id, err := alice.SendMedia(t.Context(), bob.phone.JID(), Media{Kind: MediaImage, Data: []byte("photo")})
		ok(t, err)
		e := awaitMessage(bob)
		image := e.Message.GetImageMessage()
		retry := func() (*waMmsRetry.MediaRetryNotification, error) {
			t.Helper()
			ok(t, bob.SendMediaRetryReceipt(t.Context(), &e.Info, image.GetMediaKey()))
			answer := await[*events.MediaRetry](bob)
			if answer.MessageID != id || answer.ChatID != e.Info.Chat || answer.FromMe {
				t.Errorf("answer %+v", answer)
			}
			return whatsmeow.DecryptMediaRetryNotification(answer, image.GetMediaKey())
		}
		for range 2 {
			ok(t, w.LoseMedia(id))
			if _, err := bob.Download(t.Context(), image); !errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith404) {
				t.Fatalf("download of a lost file: %v", err)
			}
			again, err := retry()
			ok(t, err)
			if again.GetResult() != waMmsRetry.MediaRetryNotification_SUCCESS || again.GetDirectPath() == image.GetDirectPath() {
				t.Errorf("answer %+v", again)
			}
			image.DirectPath = again.DirectPath
			if data, err := bob.Download(t.Context(), image); err != nil || string(data) != "photo" {
				t.Errorf("after it was uploaded again: %q, %v", data, err)
			}
		}
		ok(t, bob.SendMediaRetryReceipt(t.Context(), &e.Info, make([]byte, 32)))
		if answer := await[*events.MediaRetry](bob); answer.Error == nil || answer.Error.Code != 3 {
			t.Errorf("answer to a request with a wrong key %+v", answer)
		}
		bob.phone.DropMedia(id)
		if _, err := retry(); !errors.Is(err, whatsmeow.ErrMediaNotAvailableOnPhone) {
			t.Errorf("the phone has dropped the file: %v", err)
		}
	})
}

func TestFileGone(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
		_, err := alice.SendMedia(t.Context(), bob.phone.JID(), Media{Kind: MediaVideo, Data: []byte("film")})
		ok(t, err)
		video := awaitMessage(bob).Message.GetVideoMessage()
		inject(t, w, Fault{Kind: FaultMediaError, Match: "download video", Code: http.StatusGone})
		if _, err := bob.Download(t.Context(), video); !errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith410) {
			t.Errorf("download of a file that is gone: %v", err)
		}
	})
}

func TestViewOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		awaitAppState(bob)
		group := groupOf(t, alice.phone, bob.phone)
		for _, to := range []types.JID{bob.phone.JID(), group} {
			id, err := alice.phone.SendMedia(t.Context(), to, Media{Kind: MediaImage, Data: []byte("secret"), ViewOnce: true})
			ok(t, err)
			m := receive(t, bob.phone)
			if data, err := bob.phone.OpenMedia(m); err != nil || string(data) != "secret" || !m.Proto.GetImageMessage().GetViewOnce() {
				t.Errorf("the phone opened %q, %v", data, err)
			}
			for _, c := range []*client{alice, bob} {
				e := await[*events.UndecryptableMessage](c)
				if e.Info.ID != id || !e.IsUnavailable || e.UnavailableType != events.UnavailableTypeViewOnce {
					t.Errorf("a companion got %+v", e)
				}
			}
		}
	})
}
