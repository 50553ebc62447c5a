package sandbox

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// photo draws a JPEG; every seed gives another one.
func photo(tb testing.TB, width, height int, seed uint8) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawing(width, height, seed), nil); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func drawing(width, height int, seed uint8) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.Set(i%width, i/width, color.RGBA{uint8(i % width), uint8(i / width), seed, 255})
	}
	return img
}

// noise draws a JPEG that hardly compresses.
func noise(t *testing.T, side int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(img.Pix)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pass lets time go by in a bubble.
func pass(d time.Duration) { <-time.After(d) }

func (c *client) setPicture(jpeg []byte) string {
	c.t.Helper()
	id, err := c.SetGroupPhoto(context.Background(), types.EmptyJID, jpeg)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

func (c *client) pictureInfo(jid types.JID, params *whatsmeow.GetProfilePictureParams) *types.ProfilePictureInfo {
	c.t.Helper()
	info, err := c.GetProfilePictureInfo(context.Background(), jid, params)
	if err != nil {
		c.t.Fatal(err)
	}
	return info
}

// download fetches an address of the network as a client would.
func download(t *testing.T, w *World, url string) (status int, body []byte) {
	t.Helper()
	h := w.Network().HTTPClient()
	defer h.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := h.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

func TestSetPicture(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		full := photo(t, 640, 480, 1)
		id := c.setPicture(full)
		if strings.Trim(id, "0123456789") != "" || id == "" {
			t.Errorf("the picture's id is %q, want digits", id)
		}
		if !bytes.Equal(c.phone.Picture(), full) {
			t.Error("the phone does not show the picture that was set")
		}
		info := c.pictureInfo(c.phone.JID(), nil)
		if info.ID != id || info.Type != "image" || !strings.HasPrefix(info.URL, "https://pps.whatsapp.net/v/") {
			t.Errorf("picture info: %+v", info)
		}
		if status, body := download(t, w, info.URL); status != 200 || !bytes.Equal(body, full) {
			t.Errorf("download: status %d, %d bytes, want the %d that were set", status, len(body), len(full))
		}
		if c.pictureInfo(c.phone.JID(), &whatsmeow.GetProfilePictureParams{ExistingID: id}) != nil {
			t.Error("a known picture was described again")
		}
		preview := c.pictureInfo(c.phone.JID(), &whatsmeow.GetProfilePictureParams{Preview: true})
		_, body := download(t, w, preview.URL)
		size, err := jpeg.DecodeConfig(bytes.NewReader(body))
		if err != nil || preview.Type != "preview" || size.Width != 96 || size.Height != 96 {
			t.Errorf("preview %s: %dx%d, %v", preview.Type, size.Width, size.Height, err)
		}
	})
}

func TestPictureLimits(t *testing.T) {
	var pngBytes bytes.Buffer
	if err := png.Encode(&pngBytes, drawing(640, 640, 1)); err != nil {
		t.Fatal(err)
	}
	large := noise(t, 720)
	if len(large) <= maxPictureBytes {
		t.Fatalf("the noise has only %d bytes", len(large))
	}
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"largest", photo(t, 720, 720, 1), nil},
		{"smallest", photo(t, 32, 32, 1), nil},
		{"not square", photo(t, 720, 32, 1), nil},
		{"too wide", photo(t, 721, 640, 1), whatsmeow.ErrInvalidImageFormat},
		{"too high", photo(t, 640, 721, 1), whatsmeow.ErrInvalidImageFormat},
		{"too narrow", photo(t, 31, 640, 1), whatsmeow.ErrInvalidImageFormat},
		{"too heavy", large, whatsmeow.ErrInvalidImageFormat},
		{"png", pngBytes.Bytes(), whatsmeow.ErrInvalidImageFormat},
		{"cut off", photo(t, 640, 640, 1)[:2000], whatsmeow.ErrInvalidImageFormat},
		{"empty", []byte{}, whatsmeow.ErrInvalidImageFormat},
	}
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		for _, test := range tests {
			pass(10 * time.Second)
			if _, err := c.SetGroupPhoto(t.Context(), types.EmptyJID, test.data); !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", test.name, err, test.want)
			}
		}
		if _, err := c.SetGroupPhoto(t.Context(), c.phone.JID(), photo(t, 640, 640, 1)); !errors.Is(err, whatsmeow.ErrInvalidImageFormat) {
			t.Errorf("own JID as the target: %v", err)
		}
	})
}

func TestPictureInterval(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		group, err := c.phone.CreateGroup("Family")
		if err != nil {
			t.Fatal(err)
		}
		c.setPicture(photo(t, 64, 64, 1))
		if _, err := c.SetGroupPhoto(t.Context(), group, photo(t, 64, 64, 1)); err != nil {
			t.Errorf("a group's interval is its own: %v", err)
		}
		pass(9 * time.Second)
		if _, err := c.SetGroupPhoto(t.Context(), types.EmptyJID, photo(t, 64, 64, 2)); !errors.Is(err, whatsmeow.ErrIQRateOverLimit) {
			t.Errorf("second picture after 9 s: %v", err)
		}
		pass(time.Second)
		last := photo(t, 64, 64, 3)
		c.setPicture(last) // the refused call has not started an interval of its own
		if !bytes.Equal(c.phone.Picture(), last) {
			t.Error("the phone does not show the last picture")
		}
	})
}

// TestPictureResent cuts the line at a query, which the library sends again after it has reconnected.
func TestPictureResent(t *testing.T) {
	if underRace {
		t.Skip("the library races with itself when the line is cut at a query: exsync.Event writes under a read lock")
	}
	for _, test := range []struct {
		name  string
		after bool
		want  error
	}{
		{"before it took effect", false, nil},
		{"after it took effect", true, whatsmeow.ErrIQRateOverLimit}, // the second one comes within the interval
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *World) {
				c := newClient(t, w, alice)
				other := linkClient(t, w, c.phone)
				synctest.Wait()
				inject(t, w, Fault{Kind: FaultIQDisconnect, Match: "w:profile:picture set", After: test.after})
				full := photo(t, 64, 64, 1)
				if _, err := c.SetGroupPhoto(t.Context(), types.EmptyJID, full); !errors.Is(err, test.want) {
					t.Errorf("set: %v, want %v", err, test.want)
				}
				await[*events.Picture](other)
				synctest.Wait()
				if event, again := takeEvent[*events.Picture](other); again || !bytes.Equal(c.phone.Picture(), full) {
					t.Errorf("the picture was not set exactly once: %+v", event)
				}
			})
		})
	}
}

func TestRemovePicture(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		c.setPicture(photo(t, 64, 64, 1))
		old := c.pictureInfo(c.phone.JID(), nil)
		for range 2 {
			if id := c.setPicture(nil); id != "remove" {
				t.Errorf("removal answered %q", id)
			}
		}
		if c.phone.Picture() != nil {
			t.Error("the phone still shows a picture")
		}
		if _, err := c.GetProfilePictureInfo(t.Context(), c.phone.JID(), nil); !errors.Is(err, whatsmeow.ErrProfilePictureNotSet) {
			t.Errorf("info of a removed picture: %v", err)
		}
		if status, _ := download(t, w, old.URL); status != http.StatusNotFound {
			t.Errorf("a removed picture is served with %d", status)
		}
	})
}

func TestPicturePrivacy(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		anna := addPhone(t, w, bob)
		if err := anna.SetPicture(photo(t, 640, 640, 1)); err != nil {
			t.Fatal(err)
		}
		sees := func(what string, want error) {
			t.Helper()
			for _, jid := range []types.JID{anna.JID(), anna.LID()} {
				if _, err := c.GetProfilePictureInfo(t.Context(), jid, nil); !errors.Is(err, want) {
					t.Errorf("%s, asked by %s: %v, want %v", what, jid.Server, err, want)
				}
			}
			if hidden := c.phone.PictureOf(anna.Number()) == nil; hidden != (want != nil) {
				t.Errorf("%s: hidden from the phone: %t", what, hidden)
			}
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		sees("for all", nil)
		must(anna.SetPrivacy("profile", "none"))
		sees("for nobody", whatsmeow.ErrProfilePictureUnauthorized)
		must(anna.SetPrivacy("profile", "contacts"))
		sees("for contacts", whatsmeow.ErrProfilePictureUnauthorized)
		must(anna.SaveContact(c.phone.JID(), "Bot"))
		sees("for a contact", nil)
		must(anna.SetPrivacy("profile", "all"))
		must(anna.Block(c.phone.Number()))
		sees("blocked", whatsmeow.ErrProfilePictureUnauthorized)
		must(anna.Unblock(c.phone.Number()))
		anna.RemovePicture()
		sees("removed", whatsmeow.ErrProfilePictureNotSet)
		nobody := types.NewJID("491799999999", types.DefaultUserServer)
		if _, err := c.GetProfilePictureInfo(t.Context(), nobody, nil); !errors.Is(err, whatsmeow.ErrProfilePictureNotSet) {
			t.Errorf("somebody who is not there: %v", err)
		}
		if _, err := c.SetGroupPhoto(t.Context(), anna.JID(), photo(t, 64, 64, 1)); !errors.Is(err, whatsmeow.ErrIQNotAuthorized) {
			t.Errorf("setting somebody else's picture: %v", err)
		}
	})
}

func TestPictureNotifications(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		own := linkClient(t, w, c.phone)
		friend := newClient(t, w, bob)
		stranger := newClient(t, w, carol)
		if err := friend.phone.SaveContact(c.phone.JID(), "Bot"); err != nil {
			t.Fatal(err)
		}
		id := c.setPicture(photo(t, 64, 64, 1))
		for _, other := range []*client{own, friend} {
			if event := await[*events.Picture](other); event.JID != c.phone.JID() || event.PictureID != id || event.Remove {
				t.Errorf("told of the new picture: %+v", event)
			}
		}
		c.setPicture(nil)
		for _, other := range []*client{own, friend} {
			if event := await[*events.Picture](other); event.JID != c.phone.JID() || !event.Remove {
				t.Errorf("told of the removal: %+v", event)
			}
		}
		synctest.Wait()
		for _, other := range []*client{c, stranger} {
			if event, told := takeEvent[*events.Picture](other); told {
				t.Errorf("%s was told: %+v", other.phone.Number(), event)
			}
		}
	})
}

func TestGroupPicture(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		admin := newClient(t, w, alice)
		member := newClient(t, w, bob)
		stranger := newClient(t, w, carol)
		group, err := admin.phone.CreateGroup("Family", member.phone.Number())
		if err != nil {
			t.Fatal(err)
		}
		full := photo(t, 640, 640, 1)
		id, err := member.SetGroupPhoto(t.Context(), group, full)
		if err != nil {
			t.Fatal(err)
		}
		if event := await[*events.Picture](admin); event.JID != group || event.PictureID != id || event.Author != member.phone.LID() {
			t.Errorf("told of the group's picture: %+v", event)
		}
		if !bytes.Equal(admin.phone.Groups()[0].Picture, full) {
			t.Error("the phone does not show the group's picture")
		}
		if _, err := stranger.GetProfilePictureInfo(t.Context(), group, nil); !errors.Is(err, whatsmeow.ErrProfilePictureUnauthorized) {
			t.Errorf("a stranger asks: %v", err)
		}
		invite := &whatsmeow.GetProfilePictureParams{InviteCode: admin.phone.Groups()[0].InviteCode}
		if info := stranger.pictureInfo(group, invite); info.ID != id {
			t.Errorf("an invited person gets %+v", info)
		}
		pass(10 * time.Second)
		if _, err := stranger.SetGroupPhoto(t.Context(), group, full); !errors.Is(err, whatsmeow.ErrIQNotAuthorized) {
			t.Errorf("a stranger sets: %v", err)
		}
		if err := admin.phone.SetGroupLocked(group, true); err != nil {
			t.Fatal(err)
		}
		if _, err := member.SetGroupPhoto(t.Context(), group, full); !errors.Is(err, whatsmeow.ErrIQForbidden) {
			t.Errorf("a member sets in a locked group: %v", err)
		}
		if _, err := admin.SetGroupPhoto(t.Context(), group, full); err != nil {
			t.Errorf("an admin sets in a locked group: %v", err)
		}
	})
}

func TestCommunityPicture(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		c := newClient(t, w, alice)
		community, err := c.CreateGroup(t.Context(), whatsmeow.ReqCreateGroup{Name: "Town", GroupParent: types.GroupParent{IsParent: true}})
		if err != nil {
			t.Fatal(err)
		}
		id, err := c.SetGroupPhoto(t.Context(), community.JID, photo(t, 64, 64, 1))
		if err != nil {
			t.Fatal(err)
		}
		if info := c.pictureInfo(community.JID, &whatsmeow.GetProfilePictureParams{IsCommunity: true}); info.ID != id {
			t.Errorf("picture of the community: %+v", info)
		}
		if _, err := c.GetProfilePictureInfo(t.Context(), community.JID, nil); !errors.Is(err, whatsmeow.ErrProfilePictureUnauthorized) {
			t.Errorf("asked as for an ordinary group: %v", err)
		}
	})
}

// TestPictureHandler looks at pictures as a browser does that cannot reach WhatsApp's hosts here.
func TestPictureHandler(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		w.opts.PictureBaseURL = "http://127.0.0.1:7700/"
		c := newClient(t, w, alice)
		full := photo(t, 640, 640, 1)
		c.setPicture(full)
		address, local := strings.CutPrefix(c.pictureInfo(c.phone.JID(), nil).URL, "http://127.0.0.1:7700/v/")
		if !local {
			t.Fatalf("the address is not below the base: %s", address)
		}
		get := func(path string) *httptest.ResponseRecorder {
			out := httptest.NewRecorder()
			w.PictureHandler().ServeHTTP(out, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v/"+path, nil))
			return out
		}
		out := get(address)
		if out.Code != http.StatusOK || !bytes.Equal(out.Body.Bytes(), full) {
			t.Errorf("status %d with %d bytes", out.Code, out.Body.Len())
		}
		if headers := out.Header(); headers.Get("Content-Type") != "image/jpeg" || headers.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("headers: %v", headers)
		}
		for _, forged := range []string{strings.Replace(address, "oh=", "oh=x", 1), address + "0", strings.SplitN(address, "?", 2)[0]} {
			if out := get(forged); out.Code != http.StatusForbidden {
				t.Errorf("%s is served with %d", forged, out.Code)
			}
		}
		synctest.Wait()
		c.Disconnect() // or it would ping for two weeks
		pass(pictureURLLife + time.Second)
		if out := get(address); out.Code != http.StatusForbidden {
			t.Errorf("after its life the address is served with %d", out.Code)
		}
	})
}

func FuzzNewPicture(f *testing.F) {
	f.Add(photo(f, 64, 64, 1))
	f.Add([]byte("\xff\xd8\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := newPicture(slices.Clone(data))
		if err == nil && (len(p.preview) == 0 || !bytes.Equal(p.full, data)) {
			t.Error("an accepted picture has no preview or is not what was sent")
		}
	})
}
