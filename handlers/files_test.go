package handlers_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greengate/sandbox"
)

// fileSetUps are set-ups of golden exchanges that concern files.
var fileSetUps = map[string]func(s *stack, args []string){
	"uploaded": func(s *stack, args []string) { // file: it is kept, and {urlFile} leads to it
		var kept struct{ URLFile string }
		answer := s.upload("uploadFile", testFile(s.t, args[0]))
		s.must(json.Unmarshal([]byte(answer.body), &kept))
		s.names["{urlFile}"] = kept.URLFile
	},
	"photo": func(s *stack, args []string) { // number: that phone sends us a photo, as {message}
		id, err := s.world.Phone(args[0]).SendMedia(s.t.Context(), s.phone.JID(), sandbox.Media{Kind: sandbox.MediaImage, Data: smallPhoto(s.t)})
		s.must(err)
		s.names["{message}"] = id
		synctest.Wait()
	},
	"lose": func(s *stack, args []string) { // number: WhatsApp and that phone have lost the file of {message}
		s.must(s.world.LoseMedia(s.names["{message}"]))
		s.world.Phone(args[0]).DropMedia(s.names["{message}"])
		s.phone.DropMedia(s.names["{message}"])
	},
}

// sendUpload sends a file by upload with the texts beside it, and returns the message's id and the file's address.
func (s *stack) sendUpload(fileName string, data []byte, texts map[string]string) (id, address string) {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", fileName)
	s.must(err)
	_, err = part.Write(data)
	s.must(err)
	for name, text := range texts {
		s.must(form.WriteField(name, text))
	}
	s.must(form.Close())
	answer := s.do("POST", s.method("sendFileByUpload"), http.Header{"Content-Type": {form.FormDataContentType()}}, &body)
	var sent struct{ IDMessage, URLFile string }
	if err := json.Unmarshal([]byte(answer.body), &sent); err != nil || answer.status != 200 {
		s.t.Fatalf("%d %s", answer.status, answer.body)
	}
	return sent.IDMessage, sent.URLFile
}

func attachmentSample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "media", "attachment", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFilesArriveAsWhatTheyAre(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		for _, test := range []struct {
			name, sample, typ, mime string
		}{
			{"a.jpg", "", "imageMessage", "image/jpeg"},
			{"lies.jpg", "plain.pdf", "documentMessage", "application/pdf"},
			{"film.mp4", "video.mp4", "videoMessage", "video/mp4"},
			{"song.mp3", "constant.mp3", "audioMessage", "audio/mpeg"},
			{"note.ogg", "voice.ogg", "audioMessage", "audio/ogg; codecs=opus"},
			{"sticker.webp", "animated.webp", "stickerMessage", "image/webp"},
		} {
			data := smallPhoto(s.t)
			if test.sample != "" {
				data = attachmentSample(s.t, test.sample)
			}
			id, address := s.sendUpload(`C:\files\`+test.name, data, map[string]string{"chatId": otherNumber + "@c.us", "caption": "Look"})
			m, err := bob.Next(s.t.Context())
			s.must(err)
			opened, err := bob.OpenMedia(m)
			if err != nil || !bytes.Equal(opened, data) || m.ID != id {
				t.Errorf("%s: %v, %d bytes of %d", test.name, err, len(opened), len(data))
			}
			synctest.Wait()
			body := s.post(s.method("getMessage"), `{"chatId":"`+otherNumber+`@c.us","idMessage":"`+id+`"}`).body
			var entry struct{ TypeMessage, MimeType, DownloadURL, Caption string }
			s.must(json.Unmarshal([]byte(body), &entry))
			if entry.TypeMessage != test.typ || entry.MimeType != test.mime {
				t.Errorf("%s is in the journal as %+v", test.name, entry)
			}
			for _, link := range []string{address, entry.DownloadURL} {
				if answer := s.follow(link); answer.body != string(data) {
					t.Errorf("%s: %s answers %d with %d bytes", test.name, link, answer.status, len(answer.body))
				}
			}
		}
	})
}

// follow gets a link of ours.
func (s *stack) follow(link string) answer {
	s.t.Helper()
	u, err := url.Parse(link)
	s.must(err)
	return s.get(u.RequestURI())
}

func TestWhatMessagesSayOfTheirFiles(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		send := func(name string, data []byte) sandbox.Message {
			s.sendUpload(name, data, map[string]string{"chatId": otherNumber + "@c.us", "caption": "Look"})
			m, err := bob.Next(s.t.Context())
			s.must(err)
			return m
		}
		image := send("a.jpg", drawing(s.t, 320, 240)).Proto.GetImageMessage()
		if image.GetWidth() != 320 || image.GetHeight() != 240 || len(image.GetJPEGThumbnail()) == 0 || image.GetCaption() != "Look" {
			t.Errorf("image %v", image)
		}
		voice := send("note.ogg", attachmentSample(s.t, "voice.ogg")).Proto.GetAudioMessage()
		if !voice.GetPTT() || len(voice.GetWaveform()) != 64 || voice.GetSeconds() == 0 {
			t.Errorf("voice %v", voice)
		}
		document := send("paper.pdf", attachmentSample(s.t, "plain.pdf")).Proto.GetDocumentMessage()
		if document.GetFileName() != "paper.pdf" || document.GetPageCount() == 0 || document.GetCaption() != "Look" {
			t.Errorf("document %v", document)
		}
		video := send("film.mp4", attachmentSample(s.t, "video.mp4")).Proto.GetVideoMessage()
		if video.GetWidth() == 0 || video.GetSeconds() == 0 {
			t.Errorf("video %v", video)
		}
		sticker := send("s.webp", attachmentSample(s.t, "animated.webp")).Proto.GetStickerMessage()
		if !sticker.GetIsAnimated() || sticker.GetWidth() == 0 {
			t.Errorf("sticker %v", sticker)
		}
	})
}

func TestFilesByURL(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.set("outgoingWebhook")
		bob := s.addPhone(otherNumber, "Bob")
		s.outside.Name("files.example", "203.0.114.7")
		s.outside.Serve("203.0.114.7", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/photo.jpg":
				_, _ = w.Write(smallPhoto(s.t))
			case "/large":
				w.Header().Set("Content-Length", "209715200")
			case "/inside":
				http.Redirect(w, r, "http://127.0.0.1:8080/secret", http.StatusFound)
			default:
				http.NotFound(w, r)
			}
		}))
		send := func(address string) string {
			return s.send("sendFileByUrl", `{"chatId":"`+otherNumber+`@c.us","urlFile":"`+address+`","fileName":"photo.jpg","caption":""}`)
		}
		send("http://files.example/photo.jpg")
		m, err := bob.Next(s.t.Context())
		s.must(err)
		if data, err := bob.OpenMedia(m); err != nil || !bytes.Equal(data, smallPhoto(s.t)) {
			t.Errorf("%d bytes, %v", len(data), err)
		}
		for s.next() != nil {
		}
		for path, want := range map[string]string{
			"large":  "File from url exceeded max upload size. Size: 200mb Limit: 100mb",
			"inside": "the file could not be fetched from its address",
			"gone":   "the file could not be fetched from its address",
		} {
			id := send("http://files.example/" + path)
			n := s.get(s.method("receiveNotification")).body
			if !strings.Contains(n, id) || !strings.Contains(n, `"status":"failed","description":"`+want+`"`) {
				t.Errorf("%s: %s", path, n)
			}
			s.next()
		}
		if len(bob.Messages()) != 1 {
			t.Errorf("Bob has %d messages", len(bob.Messages()))
		}
	})
}

func TestAnUploadedFileCanBeSentForFifteenDays(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		fileSetUps["uploaded"](s, []string{"photo.jpg"})
		address := s.names["{urlFile}"]
		body := `{"chatId":"` + otherNumber + `@c.us","urlFile":"` + address + `","fileName":"photo.jpg"}`
		for _, wait := range []time.Duration{0, 14 * 24 * time.Hour} {
			<-time.After(wait)
			s.send("sendFileByUrl", body)
			m, err := bob.Next(s.t.Context())
			s.must(err)
			if m.Proto.GetImageMessage() == nil {
				t.Errorf("after %v arrived %v", wait, m.Proto)
			}
		}
		<-time.After(2 * 24 * time.Hour)
		if answer := s.follow(address); answer.status != http.StatusNotFound {
			t.Errorf("after 16 days: %d", answer.status)
		}
		id := s.send("sendFileByUrl", body)
		<-time.After(time.Minute)
		if entry := s.post(s.method("getMessage"), `{"chatId":"`+otherNumber+`@c.us","idMessage":"`+id+`"}`).body; !strings.Contains(entry, `"statusMessage":"failed"`) {
			t.Error(entry)
		}
	})
}

func TestIncomingFilesAreFetchedWhenTheyAreAskedFor(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.set("incomingWebhook")
		bob := s.addPhone(otherNumber, "Bob")
		photo := smallPhoto(s.t)
		receive := func() (id, link string) {
			id, err := bob.SendMedia(s.t.Context(), s.phone.JID(), sandbox.Media{Kind: sandbox.MediaImage, Data: photo, Caption: "Me"})
			s.must(err)
			var n struct {
				ReceiptID int64
				Body      struct {
					MessageData struct {
						FileMessageData struct{ DownloadURL, Caption, FileName, MimeType string }
					}
				}
			}
			s.must(json.Unmarshal([]byte(s.get(s.method("receiveNotification")).body), &n))
			s.do("DELETE", s.method("deleteNotification")+"/"+itoa(n.ReceiptID), nil, nil)
			f := n.Body.MessageData.FileMessageData
			if f.Caption != "Me" || f.MimeType != "image/jpeg" || f.FileName != id+".jpg" {
				t.Errorf("%+v", f)
			}
			return id, f.DownloadURL
		}
		id, link := receive()
		answer := s.follow(link)
		if answer.body != string(photo) || answer.header.Get("Content-Type") != "image/jpeg" || answer.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%d, %d bytes, %v", answer.status, len(answer.body), answer.header)
		}
		s.must(s.world.LoseMedia(id))
		if answer := s.follow(link); answer.body != string(photo) {
			t.Errorf("from the cache: %d", answer.status)
		}
		for _, forged := range []string{
			strings.Replace(link, "signature=", "signature=0", 1), strings.Replace(link, "expires=", "expires=9", 1),
			strings.Replace(link, id, id[1:]+"X", 1),
		} {
			if answer := s.follow(forged); answer.status != http.StatusForbidden {
				t.Errorf("%s: %d", forged, answer.status)
			}
		}
		<-time.After(16 * 24 * time.Hour)
		if answer := s.follow(link); answer.status != http.StatusForbidden {
			t.Errorf("after 16 days: %d", answer.status)
		}
	})
}

func TestALostFileIsUploadedAgainByThePhone(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		for _, code := range []int{403, 404, 410} {
			photo := drawing(s.t, 100+code, 80)
			id, err := bob.SendMedia(s.t.Context(), s.phone.JID(), sandbox.Media{Kind: sandbox.MediaImage, Data: photo})
			s.must(err)
			synctest.Wait()
			if code == 404 {
				s.must(s.world.LoseMedia(id))
			} else {
				s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultMediaError, Code: code, Match: "download image"}))
			}
			answer := s.post(s.method("downloadFile"), `{"chatId":"`+otherNumber+`@c.us","idMessage":"`+id+`"}`)
			var got struct{ DownloadURL string }
			s.must(json.Unmarshal([]byte(answer.body), &got))
			if answer := s.follow(got.DownloadURL); answer.body != string(photo) {
				t.Errorf("%d: %d, %d bytes", code, answer.status, len(answer.body))
			}
			s.world.ClearFaults()
		}
	})
}

func TestHTMLOfStrangersDoesNotActAsAPage(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		_, address := s.sendUpload("page.html", []byte("<html><script>alert(1)</script></html>"), map[string]string{"chatId": otherNumber + "@c.us"})
		answer := s.follow(address)
		if policy := answer.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox") || answer.header.Get("Expires") == "" {
			t.Errorf("%v", answer.header)
		}
	})
}
