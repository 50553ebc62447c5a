package instance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/instance/egress"
	"greengate/media/attachment"
	"greengate/media/files"
)

const kindFile = "sendFileByUrl" // as showMessagesQueue names files, uploaded ones included

// StoredFile is a file that is kept here for 15 days. URL leads to it for whoever knows it.
type StoredFile struct {
	files.File
	URL string
}

// SaveFile keeps a file. Kinds: TooLarge, FileEmpty, and Busy when the disk is full.
func (i *Instance) SaveFile(ctx context.Context, r io.Reader, name string) (StoredFile, error) {
	f, err := i.files.Save(ctx, i.owner64(), r, name)
	switch {
	case errors.Is(err, files.ErrTooLarge):
		return StoredFile{}, fail(KindTooLarge, "File is too large")
	case isDiskFull(err):
		return StoredFile{}, &Error{Kind: KindBusy, Detail: "no space is left to keep the file", Err: err}
	case err != nil:
		return StoredFile{}, err
	case f.Size == 0:
		return StoredFile{}, fail(KindFileEmpty, "File is empty")
	}
	return StoredFile{f, i.fileURL(f.Name)}, nil
}

// owner64 is the instance as the owner of kept files.
func (i *Instance) owner64() string { return strconv.FormatInt(int64(i.ID), 10) }

func (i *Instance) fileURL(name string) string {
	return fmt.Sprintf("%s/files/%d/%s", i.publicURL, i.ID, name)
}

// KeptFile opens a kept file by what stands in its URL; KindNotFound for one that is not there, or no longer.
func (m *Manager) KeptFile(owner, name string) (*os.File, files.Meta, error) {
	file, meta, err := m.files.Find(owner, name)
	if errors.Is(err, files.ErrNotFound) {
		err = fail(KindNotFound, "no such file")
	}
	return file, meta, err
}

// NewFile is a file to send, by its address. FileName decides what it is called at the other side.
type NewFile struct {
	Address
	URLFile  string `json:"urlFile"`
	FileName string `json:"fileName"`
	Caption  string `json:"caption"`
	Archive  bool   `json:"archive"`
}

func (*NewFile) kind() string { return kindFile }

// draft says what can be told from the name alone; compose looks at the bytes.
func (f *NewFile) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	mimeType := attachment.MIME(nil, f.FileName)
	kind := attachment.Document
	switch major, _, _ := strings.Cut(mimeType, "/"); {
	case mimeType == "image/webp":
		kind = attachment.Sticker
	case major == "image":
		kind = attachment.Image
	case major == "video":
		kind = attachment.Video
	case major == "audio":
		kind = attachment.Audio
	}
	return f.message(attachment.Info{Kind: kind, MIME: mimeType}, i.quote(ctx, &f.Address)), nil
}

// message makes the message of a file that is not uploaded yet.
func (f *NewFile) message(info attachment.Info, context *waE2E.ContextInfo) *waE2E.Message {
	seconds, width, height := proto.Uint32(uint32(info.Duration.Seconds())), proto.Uint32(uint32(info.Width)), proto.Uint32(uint32(info.Height))
	var caption *string
	if f.Caption != "" {
		caption = &f.Caption
	}
	switch info.Kind {
	case attachment.Image:
		return &waE2E.Message{ImageMessage: &waE2E.ImageMessage{
			Mimetype: &info.MIME, Caption: caption, Width: width, Height: height, JPEGThumbnail: info.Thumbnail, ContextInfo: context,
		}}
	case attachment.Video:
		return &waE2E.Message{VideoMessage: &waE2E.VideoMessage{
			Mimetype: &info.MIME, Caption: caption, Width: width, Height: height, Seconds: seconds, JPEGThumbnail: info.Thumbnail,
			ContextInfo: context,
		}}
	case attachment.Audio, attachment.Voice:
		return &waE2E.Message{AudioMessage: &waE2E.AudioMessage{
			Mimetype: &info.MIME, Seconds: seconds, PTT: proto.Bool(info.Kind == attachment.Voice), Waveform: info.Waveform, ContextInfo: context,
		}}
	case attachment.Sticker:
		return &waE2E.Message{StickerMessage: &waE2E.StickerMessage{
			Mimetype: &info.MIME, Width: width, Height: height, IsAnimated: &info.Animated, ContextInfo: context,
		}}
	}
	title := info.Title
	if title == "" {
		title = f.FileName
	}
	return &waE2E.Message{DocumentMessage: &waE2E.DocumentMessage{
		Mimetype: &info.MIME, Caption: caption, FileName: &f.FileName, Title: &title, PageCount: proto.Uint32(uint32(info.Pages)),
		JPEGThumbnail: info.Thumbnail, ContextInfo: context,
	}}
}

// SendFile queues a file by its address, ours or anybody's. It is fetched when its turn comes; what cannot be fetched shows as failed.
func (i *Instance) SendFile(ctx context.Context, f NewFile) (MessageID, error) {
	if err := i.checkSource(f.URLFile); err != nil {
		return "", err
	}
	if f.FileName == "" {
		f.FileName = path.Base(strings.SplitN(f.URLFile, "?", 2)[0])
	}
	return i.enqueueOne(ctx, &f)
}

// checkSource refuses an address that a file cannot be fetched from.
func (i *Instance) checkSource(url string) error {
	if _, ours := i.keptName(url); ours {
		return nil
	}
	if err := i.egress.CheckURL(url); errors.Is(err, egress.ErrForbidden) {
		return fail(KindInvalid, "'urlFile' must not be a private address")
	} else if err != nil {
		return fail(KindInvalid, "'urlFile' must be a valid uri")
	}
	return nil
}

// keptName tells whether an address is that of a file kept here for this instance.
func (i *Instance) keptName(url string) (name string, ours bool) {
	return strings.CutPrefix(url, i.fileURL(""))
}

func isDiskFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }
