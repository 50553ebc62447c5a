package instance

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"google.golang.org/protobuf/proto"
)

func packed(t testing.TB, data []byte) *bytes.Reader {
	t.Helper()
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(out.Bytes())
}

func sampleHistory(t testing.TB, messages ...int) []byte {
	t.Helper()
	history := &waHistorySync.HistorySync{
		SyncType: waHistorySync.HistorySync_RECENT.Enum(), Progress: proto.Uint32(40), NctSalt: []byte("salt"),
		Pushnames: []*waHistorySync.Pushname{{ID: proto.String("1"), Pushname: proto.String("Ann")}},
	}
	for chat, count := range messages {
		c := &waHistorySync.Conversation{ID: proto.String(fmt.Sprint("chat ", chat)), Name: proto.String("Bob"), UnreadCount: proto.Uint32(3)}
		for n := range count {
			key := &waCommon.MessageKey{ID: proto.String(fmt.Sprint(n))}
			c.Messages = append(c.Messages, &waHistorySync.HistorySyncMsg{Message: &waWeb.WebMessageInfo{Key: key}})
		}
		history.Conversations = append(history.Conversations, c)
	}
	data, err := proto.Marshal(history)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestHistoryIsReadInParts(t *testing.T) {
	var got []string
	whole := &waHistorySync.HistorySync{}
	data := sampleHistory(t, 450, 0, 2)
	err := readHistory(packed(t, data), func(part []byte) error {
		h := &waHistorySync.HistorySync{}
		if err := proto.Unmarshal(part, h); err != nil {
			return err
		}
		text := fmt.Sprintf("%s salt %q", h.GetSyncType(), h.GetNctSalt())
		for _, c := range h.Conversations {
			text += fmt.Sprintf(" %s %s %d", c.GetID(), c.GetName(), len(c.Messages))
			if last := len(whole.Conversations) - 1; last >= 0 && whole.Conversations[last].GetID() == c.GetID() {
				whole.Conversations[last].Messages = append(whole.Conversations[last].Messages, c.Messages...)
				continue
			}
			whole.Conversations = append(whole.Conversations, c)
		}
		got = append(got, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`RECENT salt "salt"`, `RECENT salt "" chat 0 Bob 200`, `RECENT salt "" chat 0 Bob 200`, `RECENT salt "" chat 0 Bob 50`,
		`RECENT salt "" chat 1 Bob 0`, `RECENT salt "" chat 2 Bob 2`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("parts %q", got)
	}
	original := &waHistorySync.HistorySync{}
	if err := proto.Unmarshal(data, original); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(whole, &waHistorySync.HistorySync{Conversations: original.Conversations}) {
		t.Error("the parts do not make up the whole")
	}
}

func TestHistoryStopsAtAnError(t *testing.T) {
	failure := errors.New("disk full")
	calls := 0
	err := readHistory(packed(t, sampleHistory(t, 1, 1)), func([]byte) error { calls++; return failure })
	if !errors.Is(err, failure) || errors.Is(err, errHistory) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// endless answers every request with more than anybody wants.
type endless struct{}

func (endless) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{Body: io.NopCloser(io.LimitReader(zeros{}, maxHistoryFile+1))}, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestPeerFilesAreBounded(t *testing.T) {
	for _, test := range []struct {
		kind    string
		bounded bool
	}{{"md-msg-hist", true}, {"md-app-state", true}, {"video", false}} {
		client := boundedHTTP(&http.Client{Transport: endless{}})
		response, err := client.Get("https://mmg.whatsapp.net/file?mms-type=" + test.kind)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, response.Body)
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) != test.bounded || (n == maxHistoryFile) != test.bounded {
			t.Errorf("%s: %d bytes, %v", test.kind, n, err)
		}
	}
}

func FuzzReadHistory(f *testing.F) {
	sample := sampleHistory(f, 3, 0)
	f.Add(sample)
	f.Add(sample[:len(sample)-2])
	f.Add([]byte{0x12, 0xff, 0xff, 0xff, 0xff, 0x07}) // a chat that promises 2 GB
	f.Add([]byte{0x12, 0x02, 0x12, 0x05})             // a chat with a broken message
	f.Fuzz(func(t *testing.T, data []byte) {
		err := readHistory(packed(t, data), func(part []byte) error {
			if len(part) > 3*len(data)+20 {
				t.Errorf("%d bytes out of %d", len(part), len(data))
			}
			return nil
		})
		if err != nil && !errors.Is(err, errHistory) {
			t.Error(err)
		}
		_ = readHistory(bytes.NewReader(data), func([]byte) error { return nil }) // not even compressed
	})
}
