package instance

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// whatsmeow reads a piece of history into memory at once, as a file, then without its compression, then as objects, whatever its size. Here
// it stays in a file, is read field by field, and handed to whatsmeow in parts.

const (
	maxHistoryFile  = 64 << 20 // compressed
	maxHistoryField = 64 << 20 // one chat, or all that is no chat together
	maxHistoryBytes = 1 << 30  // not compressed
	historyPart     = 200      // messages
	peerFiles       = "md-"    // begins the types of files by which devices of one account talk to each other
	fieldSyncType   = 1        // of HistorySync
	fieldChats      = 2        // of HistorySync
	fieldMessages   = 2        // of Conversation
)

var errHistory = errors.New("malformed or too large history")

// boundedHTTP cuts off what devices of one account send each other, which whatsmeow takes whatever its size, some of it into memory.
func boundedHTTP(c *http.Client) *http.Client {
	return &http.Client{Transport: boundedTransport{c.Transport}}
}

type boundedTransport struct{ http.RoundTripper }

func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(r)
	if err == nil && strings.HasPrefix(r.URL.Query().Get("mms-type"), peerFiles) {
		response.Body = http.MaxBytesReader(nil, response.Body, maxHistoryFile)
	}
	return response, err
}

// readHistory calls take with parts of a compressed waHistorySync.HistorySync, each one itself: first all that is no chat, then the
// chats one by one, those with many messages in several parts.
func readHistory(file io.ReadSeeker, take func(part []byte) error) error {
	var head, rest []byte
	err := eachField(file, func(number protowire.Number, field []byte) error {
		switch {
		case number == fieldChats:
			return nil
		case len(rest)+len(field) > maxHistoryField:
			return errHistory
		case number == fieldSyncType:
			head = field
		}
		rest = append(rest, field...)
		return nil
	})
	if err != nil {
		return err
	}
	if err := take(rest); err != nil {
		return err
	}
	return eachField(file, func(number protowire.Number, field []byte) error {
		if number != fieldChats {
			return nil
		}
		return splitChat(field, func(chat []byte) error { return take(append(bytes.Clone(head), chat...)) })
	})
}

// splitChat calls take with the field that a chat is, or with several of them that have some of the messages each.
func splitChat(field []byte, take func(field []byte) error) error {
	_, typ, n := protowire.ConsumeTag(field)
	if n < 0 || typ != protowire.BytesType {
		return errHistory
	}
	chat, _ := protowire.ConsumeBytes(field[n:]) // whole, as it was read
	var rest []byte
	var messages [][]byte
	for len(chat) > 0 {
		number, _, n := protowire.ConsumeField(chat)
		switch {
		case n < 0:
			return errHistory
		case number == fieldMessages:
			messages = append(messages, chat[:n])
		default:
			rest = append(rest, chat[:n]...)
		}
		chat = chat[n:]
	}
	for first := true; first || len(messages) > 0; first = false {
		count := min(historyPart, len(messages))
		part := append(bytes.Clone(rest), bytes.Join(messages[:count], nil)...)
		if err := take(protowire.AppendBytes(protowire.AppendTag(nil, fieldChats, protowire.BytesType), part)); err != nil {
			return err
		}
		messages = messages[count:]
	}
	return nil
}

// eachField calls take with each field of a compressed protobuf message, its tag included.
func eachField(file io.ReadSeeker, take func(protowire.Number, []byte) error) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	unpacked, err := zlib.NewReader(file)
	if err != nil {
		return fmt.Errorf("%w: %w", errHistory, err)
	}
	r := bufio.NewReader(io.LimitReader(unpacked, maxHistoryBytes))
	for {
		number, field, err := readField(r)
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%w: %w", errHistory, err)
		}
		if err := take(number, field); err != nil {
			return err
		}
	}
}

// readField reads one field of a protobuf message; io.EOF at its end.
func readField(r *bufio.Reader) (protowire.Number, []byte, error) {
	tag, err := binary.ReadUvarint(r)
	if err != nil {
		return 0, nil, err
	}
	number, typ := protowire.DecodeTag(tag)
	field := protowire.AppendVarint(nil, tag)
	var size uint64
	switch typ {
	case protowire.VarintType:
		value, err := binary.ReadUvarint(r)
		return number, protowire.AppendVarint(field, value), unexpected(err)
	case protowire.Fixed32Type:
		size = 4
	case protowire.Fixed64Type:
		size = 8
	case protowire.BytesType:
		if size, err = binary.ReadUvarint(r); err != nil || size > maxHistoryField {
			return 0, nil, errors.Join(unexpected(err), errHistory)
		}
		field = protowire.AppendVarint(field, size)
	default:
		return 0, nil, fmt.Errorf("wire type %d", typ)
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(size))) // it grows with what there is, not with what is promised
	if err == nil && uint64(len(data)) < size {
		err = io.ErrUnexpectedEOF
	}
	return number, append(field, data...), err
}

// unexpected turns the end of the stream inside a field into an error.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
