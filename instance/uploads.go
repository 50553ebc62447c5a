package instance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/instance/egress"
	"greengate/media/attachment"
	"greengate/media/files"
)

// maxFile is the size of a file that GREEN-API takes (docs/api/sending/SendFileByUrl).
const maxFile = 100 << 20

// compose fetches the file, looks at it and uploads it to WhatsApp, all through files without a name: it is never whole in memory.
func (f *NewFile) compose(ctx context.Context, i *Instance, client *whatsmeow.Client, draft *waE2E.Message) (*waE2E.Message, error) {
	return i.uploaded(ctx, client, f.URLFile, f.FileName, func(info attachment.Info) (*waE2E.Message, error) {
		return f.message(info, contentOf(draft).context), nil
	})
}

// uploaded makes the message of a file at an address, as the bytes of it want it, and uploads it.
func (i *Instance) uploaded(
	ctx context.Context, client *whatsmeow.Client, url, name string, message func(attachment.Info) (*waE2E.Message, error),
) (*waE2E.Message, error) {
	file, err := i.openSource(ctx, url)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return nil, err
	}
	info, err := i.inspector.Inspect(ctx, file, stat.Size(), name)
	if err != nil {
		return nil, err
	}
	m, err := message(info)
	if err != nil {
		return nil, err
	}
	return m, i.upload(ctx, client, file, m)
}

// openSource opens a file to send: a kept one, or one that is fetched.
func (i *Instance) openSource(ctx context.Context, url string) (*os.File, error) {
	if name, ours := i.keptName(url); ours {
		file, _, err := i.files.Find(i.owner64(), name)
		if errors.Is(err, files.ErrNotFound) {
			err = fail(KindNotAcceptable, "the uploaded file is not there any more")
		}
		return file, err
	}
	download, err := i.egress.Fetch(ctx, url, maxFile)
	if err != nil {
		return nil, sourceError(err)
	}
	defer download.Close()
	file, err := i.files.Temp()
	if err != nil {
		return nil, err
	}
	if _, err = io.Copy(file, download); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, sourceError(err)
	}
	return file, nil
}

// sourceError tells what is wrong with an address for good from what may pass.
func sourceError(err error) error {
	var large *egress.TooLargeError
	switch {
	case errors.As(err, &large):
		return fail(KindNotAcceptable, fmt.Sprintf("File from url exceeded max upload size. Size: %dmb Limit: %dmb", large.Size>>20, maxFile>>20))
	case isDiskFull(err):
		return &Error{Kind: KindBusy, Detail: "no space is left to fetch the file", Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return &Error{Kind: KindNotAcceptable, Detail: "the file could not be fetched from its address", Err: err}
}

// upload encrypts a file, uploads it and writes into the message where it is.
func (i *Instance) upload(ctx context.Context, client *whatsmeow.Client, file *os.File, message *waE2E.Message) error {
	temp, err := i.files.Temp()
	if err != nil {
		return err
	}
	defer temp.Close()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	part := fileOf(message)
	u, err := client.UploadReader(ctx, file, temp, whatsmeow.GetMediaType(part))
	if err != nil {
		return err
	}
	set := func(url, path **string, key, enc, plain *[]byte, length **uint64, at **int64) {
		*url, *path, *key, *enc, *plain, *length = &u.URL, &u.DirectPath, u.MediaKey, u.FileEncSHA256, u.FileSHA256, &u.FileLength
		*at = proto.Int64(time.Now().Unix())
	}
	switch m := part.(type) {
	case *waE2E.ImageMessage:
		set(&m.URL, &m.DirectPath, &m.MediaKey, &m.FileEncSHA256, &m.FileSHA256, &m.FileLength, &m.MediaKeyTimestamp)
	case *waE2E.VideoMessage:
		set(&m.URL, &m.DirectPath, &m.MediaKey, &m.FileEncSHA256, &m.FileSHA256, &m.FileLength, &m.MediaKeyTimestamp)
	case *waE2E.AudioMessage:
		set(&m.URL, &m.DirectPath, &m.MediaKey, &m.FileEncSHA256, &m.FileSHA256, &m.FileLength, &m.MediaKeyTimestamp)
	case *waE2E.DocumentMessage:
		set(&m.URL, &m.DirectPath, &m.MediaKey, &m.FileEncSHA256, &m.FileSHA256, &m.FileLength, &m.MediaKeyTimestamp)
	case *waE2E.StickerMessage:
		set(&m.URL, &m.DirectPath, &m.MediaKey, &m.FileEncSHA256, &m.FileSHA256, &m.FileLength, &m.MediaKeyTimestamp)
	}
	return nil
}

// wrapped puts a message into the envelope that WhatsApp's apps expect around some kinds.
func wrapped(m *waE2E.Message) *waE2E.Message {
	inside := &waE2E.FutureProofMessage{Message: m}
	switch {
	case m.GetDocumentMessage().GetCaption() != "":
		return &waE2E.Message{DocumentWithCaptionMessage: inside, MessageContextInfo: m.MessageContextInfo}
	case m.GetProtocolMessage().GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT:
		return &waE2E.Message{EditedMessage: inside}
	}
	return m
}
