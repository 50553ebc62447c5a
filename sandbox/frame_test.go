package sandbox

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"strings"
	"testing"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/socket"
	"go.mau.fi/whatsmeow/types"
)

func TestReadIntro(t *testing.T) {
	header := string(socket.WAConnHeader)
	tests := []struct {
		name, stream string
		want         error
	}{
		{"header", header, nil},
		{"routing information", "ED\x00\x01\x00\x00\x03abc" + header, nil},
		{"another protocol", "GET / HTTP/1.1", errIntro},
		{"another dictionary", "WA\x06\x00", errIntro},
		{"ends in the header", "WA", io.ErrUnexpectedEOF},
		{"ends in routing information", "ED\x00\x01\x00\x00\x03a", io.EOF},
		{"routing information without end", "ED\x00\x01\xff\xff\xff", errFrameSize},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			prologue, err := readIntro(strings.NewReader(test.stream))
			if !errors.Is(err, test.want) || err == nil && string(prologue) != header {
				t.Errorf("got %x, %v; want %v", prologue, err, test.want)
			}
		})
	}
}

func TestFrameRoundTrip(t *testing.T) {
	for _, size := range []int{0, 1, 255, 70_000, maxFrame} {
		body := bytes.Repeat([]byte{7}, size)
		got, err := readFrame(bytes.NewReader(frame(body)), maxFrame)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("%d bytes come back as %d, %v", size, len(got), err)
		}
	}
	if _, err := readFrame(bytes.NewReader(frame(make([]byte, maxFrame+1))), maxFrame); !errors.Is(err, errFrameSize) {
		t.Errorf("one byte too much: %v", err)
	}
}

func packed(t testing.TB, flags byte, n waBinary.Node) []byte {
	t.Helper()
	encoded, err := waBinary.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	if flags&2 == 0 {
		return encoded
	}
	var b bytes.Buffer
	b.WriteByte(flags)
	z := zlib.NewWriter(&b)
	_, _ = z.Write(encoded[1:])
	_ = z.Close()
	return b.Bytes()
}

func TestUnpackNode(t *testing.T) {
	n := waBinary.Node{Tag: "iq", Attrs: waBinary.Attrs{"to": types.ServerJID, "id": "1"}, Content: []waBinary.Node{{Tag: "ping"}}}
	for _, flags := range []byte{0, 2} {
		got, err := unpackNode(packed(t, flags, n))
		if err != nil || got.Tag != "iq" || got.Attrs["to"] != types.ServerJID || got.GetChildren()[0].Tag != "ping" {
			t.Errorf("flags %d: %v, %v", flags, got, err)
		}
	}
	bomb := packed(t, 2, waBinary.Node{Tag: "x", Content: make([]byte, maxFrame+1)})
	if _, err := unpackNode(bomb); !errors.Is(err, errFrameSize) {
		t.Errorf("%d bytes that grow beyond the limit: %v", len(bomb), err)
	}
}

func FuzzFrame(f *testing.F) {
	n := waBinary.Node{Tag: "message", Attrs: waBinary.Attrs{"to": types.NewJID("491700000001", types.HiddenUserServer)}, Content: []byte("x")}
	for _, flags := range []byte{0, 2} {
		f.Add(append(bytes.Clone(socket.WAConnHeader), frame(packed(f, flags, n))...))
	}
	f.Add([]byte("ED\x00\x01\x00\x00\x01aWA\x06\x03\x00\x00\x02\x00\xf8"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bytes.NewReader(stream)
		if _, err := readIntro(r); err != nil {
			return
		}
		for {
			body, err := readFrame(r, maxFrame)
			if err != nil {
				return
			}
			if node, err := unpackNode(body); err == nil && describe(node) == "" {
				t.Error("a node without a description")
			}
		}
	})
}
