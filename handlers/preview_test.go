package handlers_test

import (
	"fmt"
	"net/http"
	"testing"
)

// serveShop puts a page with a picture on the internet of a test.
func (s *stack) serveShop() {
	s.outside.Name("shop.example", "203.0.114.7")
	photo := drawing(s.t, 1200, 630)
	s.outside.Serve("203.0.114.7", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/photo.jpg" {
			_, _ = w.Write(photo)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<meta property="og:title" content="A bike"><meta property="og:description" content="Red"><meta property="og:image" content="/photo.jpg">`)
	}))
}

func TestLinkPreviews(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.serveShop()
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		for _, test := range []struct {
			options, title, description string
			thumbnail, large            bool
		}{
			{``, "A bike", "Red", true, false},
			{`,"linkPreview":true,"typePreview":"large"`, "A bike", "Red", true, true},
			{`,"linkPreview":false`, "", "", false, false},
			{`,"customPreview":{"title":"Mine","description":"My words"}`, "Mine", "My words", false, false},
			{`,"customPreview":{"title":"Mine","urlFile":"http://shop.example/photo.jpg"}`, "Mine", "", true, false},
		} {
			s.send("sendMessage", `{"chatId":"`+otherNumber+`@c.us","message":"Look: http://shop.example/17"`+test.options+`}`)
			m, err := bob.Next(s.t.Context())
			s.must(err)
			text := m.Proto.GetExtendedTextMessage()
			if text.GetTitle() != test.title || text.GetDescription() != test.description || (len(text.GetJPEGThumbnail()) > 0) != test.thumbnail ||
				(text.GetThumbnailDirectPath() != "") != test.large {
				t.Errorf("%q gives %q, %q, %d bytes, large at %q", test.options, text.GetTitle(), text.GetDescription(), len(text.GetJPEGThumbnail()),
					text.GetThumbnailDirectPath())
			}
		}
	})
}

func TestALinkThatCannotBeFetchedIsSentAllTheSame(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		bob := s.addPhone(otherNumber, "Bob")
		for _, link := range []string{"http://nowhere.example/", "http://169.254.169.254/latest", "http://127.0.0.1:8080/"} {
			s.send("sendMessage", `{"chatId":"`+otherNumber+`@c.us","message":"`+link+`"}`)
			m, err := bob.Next(s.t.Context())
			s.must(err)
			if m.Text != link || m.Proto.GetExtendedTextMessage().GetTitle() != "" {
				t.Errorf("%s arrived as %v", link, m.Proto)
			}
		}
		if dials := s.outside.Dials(); len(dials) != 0 {
			t.Errorf("dialled %v", dials)
		}
	})
}
