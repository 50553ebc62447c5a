package handlers_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mau.fi/whatsmeow/types"
	"golang.org/x/tools/txtar"

	"greengate/handlers"
	"greengate/handlers/wuts"
	"greengate/instance"
	"greengate/sandbox"
)

var update = flag.Bool("update", false, "write the golden answers anew")

const goldenDir = "testdata/golden"

// A golden exchange is testdata/golden/<method>/<case>.txtar: set-up lines (see golden.setUp), then a request and the answer to it as
// they go over the wire. {id} and {token} stand for the instance's; what is random is masked, see masks.
func TestGolden(t *testing.T) {
	checkAllGolden(t, goldenDir)
}

// checkAllGolden runs the exchanges below a folder, each in a test named after its file.
func checkAllGolden(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal("no golden exchanges", err)
	}
	for _, file := range files {
		name, err := filepath.Rel(dir, strings.TrimSuffix(file, ".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			inBubble(t, func(s *stack) { checkGolden(s, file) })
		})
	}
}

// TestEveryMethodHasGoldenExchanges fails for a row of the table that nobody has recorded.
func TestEveryMethodHasGoldenExchanges(t *testing.T) {
	entries, err := os.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	recorded := map[string]bool{}
	for _, entry := range entries {
		recorded[entry.Name()] = true
	}
	for _, row := range handlers.Methods() {
		if !recorded[row.Name] {
			t.Errorf("%s has no golden exchange", row.Name)
		}
	}
}

func checkGolden(s *stack, file string) {
	s.t.Helper()
	archive, err := txtar.ParseFile(file)
	s.must(err)
	for line := range strings.Lines(string(archive.Comment)) {
		s.setUp(strings.Fields(line))
	}
	if len(archive.Files) != 2 || archive.Files[0].Name != "request" || archive.Files[1].Name != "answer" {
		s.t.Fatalf("%s must hold a request and an answer", file)
	}
	answer := &archive.Files[1]
	got := s.exchange(string(archive.Files[0].Data))
	if *update {
		answer.Data = []byte(got)
		s.must(os.WriteFile(file, txtar.Format(archive), 0o644))
	} else if diff := cmp.Diff(string(answer.Data), got); diff != "" {
		s.t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}

// setUp runs one line before the request.
func (s *stack) setUp(words []string) {
	s.t.Helper()
	if len(words) == 0 || strings.HasPrefix(words[0], "#") {
		return
	}
	args := words[1:]
	switch words[0] {
	case "linked":
		s.link()
	case "wait":
		d, err := time.ParseDuration(args[0])
		s.must(err)
		<-time.After(d)
	case "phone": // number: it exists, and {lid} is its LID
		s.names["{lid}"] = s.addPhone(args[0], "Bob").LID().String()
	case "picture": // number: that phone sets a picture
		s.must(s.world.Phone(args[0]).SetPicture(drawing(s.t, 640, 640)))
	case "hide": // number: that phone shows its picture to nobody
		s.must(s.world.Phone(args[0]).SetPrivacy("profile", "none"))
	case "about": // number word
		s.must(s.world.Phone(args[0]).SetAbout(args[1]))
	case "typed": // number: there is a code to type on that phone
		_, err := s.instance().PairCode(s.t.Context(), args[0])
		s.must(err)
	case "disconnect":
		s.must(s.instance().Disconnect())
		synctest.Wait()
	case "image": // file: {image} is it in base64
		s.names["{image}"] = base64.StdEncoding.EncodeToString(testFile(s.t, args[0]))
	case "block": // number
		_, err := s.instance().Block(s.t.Context(), types.NewJID(args[0], types.DefaultUserServer))
		s.must(err)
	case "business": // number
		s.world.Phone(args[0]).SetBusiness(sandbox.Business{Name: "Bob's Bikes", Address: "1 Dock Road", Email: "bob@example.com", Category: "Shop"})
	case "set": // our picture is set, as the request of another moment
		s.upload("setProfilePicture", smallPhoto(s.t))
	case "restart":
		s.restart()
		s.await(instance.StateAuthorized)
	case "unlink":
		s.phone.UnlinkAll()
		s.await("notAuthorized")
	case "ban":
		s.must(s.world.Ban(ownNumber))
		s.await("blocked")
	case "passkey":
		s.phone.RequirePasskey(true)
		code, err := s.instance().QR(s.t.Context())
		s.must(err)
		_ = s.phone.ScanQR(code.Text) // ends in the passkey request
		synctest.Wait()
	case "owner": // tenant: from here on the instance is a new one that belongs to it; {device:<tenant>} is WUTS's name of it
		i, token, err := s.manager.Create(s.t.Context(), instance.New{Name: "Shop", Owner: args[0]})
		s.must(err)
		s.id, s.token = i.ID, string(token)
		s.names["{device:"+args[0]+"}"] = wuts.DeviceID(s.id)
	case "writes": // number: that phone writes to us
		_, err := s.world.Phone(args[0]).SendText(s.t.Context(), s.phone.JID(), "Hello")
		s.must(err)
		synctest.Wait()
	case "group": // number: that phone creates {group} with us in it and sets its picture
		group, err := s.world.Phone(args[0]).CreateGroup("Gardeners", ownNumber)
		s.must(err)
		s.must(s.world.Phone(args[0]).SetGroupPicture(group, drawing(s.t, 640, 640)))
		s.names["{group}"] = group.String()
	case "channel": // {channel} exists and has a picture
		channel, err := s.world.AddChannel("Gardening", drawing(s.t, 640, 640))
		s.must(err)
		s.names["{channel}"] = channel.String()
	case "qr": // pairing has begun and there is a code
		_, err := s.instance().QR(s.t.Context())
		s.must(err)
	case "stop":
		s.instance().Sleep()
		synctest.Wait()
	case "delete":
		s.post("/partner/deleteInstanceAccount/"+partner, fmt.Sprintf(`{"idInstance":%d}`, s.id))
	case "fault": // kind code what it applies to
		code, err := strconv.Atoi(args[1])
		s.must(err)
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultKind(args[0]), Code: code, Match: strings.Join(args[2:], " ")}))
	default:
		for _, more := range moreSetUps {
			if setUp, ok := more[words[0]]; ok {
				setUp(s, args)
				return
			}
		}
		s.t.Fatalf("unknown set-up %q", words)
	}
}

// moreSetUps are the set-ups of the sections, each beside its tests.
var moreSetUps = []map[string]func(s *stack, args []string){messageSetUps, fileSetUps, groupSetUps, statusSetUps, serviceSetUps}

// exchange sends a request: verb and path, header lines, an empty line, the body. Words of the form "@file part name" stand for a
// multipart body with that file of testdata/files as its part, further ones of the form "name=value" for texts on either side of it.
func (s *stack) exchange(text string) string {
	s.t.Helper()
	text = strings.NewReplacer("{id}", strconv.FormatInt(int64(s.id), 10), "{token}", s.token, "{partner}", partner).Replace(text)
	text = signJWTs(s.t, s.fillIn(text))
	head, body, _ := strings.Cut(strings.TrimSuffix(text, "\n"), "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	verb, path, _ := strings.Cut(lines[0], " ")
	header := http.Header{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		header.Set(name, value)
	}
	var reader io.Reader = strings.NewReader(body)
	if words := strings.Fields(body); slices.Contains(words, "@file") && header.Get("Content-Type") == "" {
		var contentType string
		reader, contentType = multipartWords(s.t, words)
		header.Set("Content-Type", contentType)
	}
	a := s.do(verb, path, header, reader)
	var out bytes.Buffer
	fmt.Fprintf(&out, "%d %s\n", a.status, a.header.Get("Content-Type"))
	for _, name := range []string{"Retry-After", "Allow"} {
		if value := a.header.Get(name); value != "" {
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintf(&out, "\n%s\n", a.body)
	return s.mask(out.String())
}

// masks hide what differs between runs; the shape stays visible.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`/files/([^/]+)/[0-9a-f-]{36}`), `/files/$1/(kept file)`},
	{regexp.MustCompile(`signature=[0-9a-f]{32}`), `signature=(32 hex digits)`},
	{regexp.MustCompile(`3EB0[0-9A-F]{18}`), `(message id)`},
	{regexp.MustCompile(`"[0-9A-F]{24}"`), `"(message id of a phone)"`},
	{regexp.MustCompile(`expires=\d+&signature=[0-9a-f]{32}`), `expires=(time)&signature=(32 hex digits)`},
	{regexp.MustCompile(`"iVBORw0KGgo[^"]*"`), `"(base64 PNG)"`},
	{regexp.MustCompile(`"/9j/[^"]*"`), `"(base64 JPEG)"`},
	{regexp.MustCompile(`([?&])(oh|oe)=[^&"]*`), `$1$2=(signed)`},
	{regexp.MustCompile(`\d{10,}@lid`), `(lid)@lid`},
	{regexp.MustCompile(`("created":true,"chatId":)"120363\d{12}@g\.us"`), `$1"(group)@g.us"`},
	{regexp.MustCompile(`chat\.whatsapp\.com/[0-9A-Za-z]{22}`), `chat.whatsapp.com/(code)`},
	{regexp.MustCompile(`"pair_code":"[0-9A-Z]{4}-[0-9A-Z]{4}"`), `"pair_code":"(code)"`},
	{regexp.MustCompile(`proof=[0-9a-f]{64}`), `proof=(64 hex digits)`},
	{regexp.MustCompile(`"data:image/png;base64,[^"]*"`), `"(data URL of a PNG)"`},
	{regexp.MustCompile(`"qr_code":"[^"]*"`), `"qr_code":"(QR code)"`},
	{regexp.MustCompile(`"code":"[0-9A-Z]{4}-[0-9A-Z]{4}"`), `"code":"(code with a dash)"`},
	{regexp.MustCompile(`"code":"[^"]*2@[^"]*"`), `"code":"(QR code)"`},
	{regexp.MustCompile(`"code":"[0-9A-Z]{8}"`), `"code":"(code)"`},
	{regexp.MustCompile(`3EB0[0-9A-F]{18}`), `(message id)`},
	{regexp.MustCompile(`"apiTokenInstance":"[0-9a-f]{50}"`), `"apiTokenInstance":"(50 hex digits)"`},
}

func (s *stack) mask(text string) string {
	text = strings.NewReplacer(s.token, "{token}", strconv.FormatInt(int64(s.id), 10), "{id}", partner, "{partner}").Replace(text)
	for name, value := range s.names {
		text = strings.ReplaceAll(text, value, name)
	}
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.with)
	}
	return text
}

func testFile(t *testing.T, name string) []byte {
	t.Helper()
	if name == "photo.jpg" {
		return smallPhoto(t)
	}
	data, err := os.ReadFile(filepath.Join("testdata", "files", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
