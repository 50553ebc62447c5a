package sandbox

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/binary/token"
)

const (
	maxFrame = 2 << 20 // bytes of one frame, packed or not; the largest honest one is a picture or a message to a large group
	maxHello = 64 << 10
)

var (
	errFrameSize = errors.New("frame is too large")
	errIntro     = errors.New("connection does not begin with a WhatsApp header")
)

// readIntro reads what comes before a connection's first frame: optional routing information, then the four bytes that name
// the protocol, which it returns because they are the handshake's prologue.
func readIntro(r io.Reader) ([]byte, error) {
	intro := make([]byte, 4)
	if _, err := io.ReadFull(r, intro); err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	if bytes.Equal(intro, []byte{'E', 'D', 0, 1}) {
		if _, err := readFrame(r, maxHello); err != nil {
			return nil, fmt.Errorf("read routing information: %w", err)
		}
		if _, err := io.ReadFull(r, intro); err != nil {
			return nil, fmt.Errorf("read header: %w", err)
		}
	}
	if intro[0] != 'W' || intro[1] != 'A' || intro[2] != 6 || intro[3] != token.DictVersion {
		return nil, errIntro
	}
	return intro, nil
}

// readFrame reads a body with its length of three bytes before it. Memory grows with what has arrived, not with the length.
func readFrame(r io.Reader, limit int) ([]byte, error) {
	var head [3]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
	if size > limit {
		return nil, errFrameSize
	}
	var body bytes.Buffer
	if _, err := io.CopyN(&body, r, int64(size)); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

// frame puts the length before a body.
func frame(body []byte) []byte {
	return append([]byte{byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

// unpackNode decodes the plain text of a frame: a byte of flags, of which the second lowest bit means zlib, and one node.
func unpackNode(plain []byte) (node *waBinary.Node, err error) {
	if len(plain) < 2 {
		return nil, io.ErrUnexpectedEOF
	}
	body := plain[1:]
	if plain[0]&2 != 0 {
		if body, err = inflate(body); err != nil {
			return nil, fmt.Errorf("inflate frame: %w", err)
		}
	}
	// The library's decoder trusts its server: some malformed input makes it panic, and lists in lists claim more memory than they
	// fill. That is one more reason to keep the network on loopback.
	defer func() {
		if r := recover(); r != nil {
			node, err = nil, fmt.Errorf("decode node: %v", r)
		}
	}()
	return waBinary.Unmarshal(body)
}

func inflate(packed []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(r, maxFrame+1))
	if err == nil && len(body) > maxFrame {
		err = errFrameSize
	}
	return body, err
}
