package sandbox

import (
	"cmp"
	"context"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"google.golang.org/protobuf/proto"
)

// MediaKind says as what a file is sent.
type MediaKind string

// The kinds of files.
const (
	MediaImage    MediaKind = "image"
	MediaVideo    MediaKind = "video"
	MediaAudio    MediaKind = "audio"
	MediaVoice    MediaKind = "voice" // recorded in the chat
	MediaDocument MediaKind = "document"
	MediaSticker  MediaKind = "sticker"
)

// Media is a file to send. Only Kind and Data are needed.
type Media struct {
	Kind      MediaKind
	Data      []byte
	Mimetype  string // empty: what is usual for the kind
	Caption   string // of an image, a video or a document
	FileName  string // of a document
	Thumbnail []byte // JPEG, of a sticker PNG
	Seconds   int    // of what is played
	ViewOnce  bool   // of an image, a video or a voice message
}

// usualMimetypes are what the official apps send.
var usualMimetypes = map[MediaKind]string{
	MediaImage: "image/jpeg", MediaVideo: "video/mp4", MediaAudio: "audio/mpeg", MediaVoice: "audio/ogg; codecs=opus",
	MediaDocument: "application/octet-stream", MediaSticker: "image/webp",
}

// SendMedia encrypts a file, puts it on the media host, sends the message about it and returns the message's id.
func (p *Phone) SendMedia(ctx context.Context, to types.JID, m Media) (string, error) {
	message, err := p.Upload(m)
	if err != nil {
		return "", err
	}
	return p.Send(ctx, to, message)
}

// Upload encrypts a file, puts it on the media host and returns the message about it, to be sent or posted.
func (p *Phone) Upload(m Media) (*waE2E.Message, error) {
	message, file := m.message()
	if file == nil {
		return nil, fmt.Errorf("no such kind of file: %q", m.Kind)
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return message, p.w.sealFile(file, m.Data)
}

// message describes the file without saying where it is.
func (m Media) message() (*waE2E.Message, filePart) {
	mime, caption, seconds := new(cmp.Or(m.Mimetype, usualMimetypes[m.Kind])), textOrNil(m.Caption), proto.Uint32(uint32(m.Seconds))
	switch m.Kind {
	case MediaImage:
		image := &waE2E.ImageMessage{Mimetype: mime, Caption: caption, JPEGThumbnail: m.Thumbnail, ViewOnce: yesOrNil(m.ViewOnce)}
		return m.once(&waE2E.Message{ImageMessage: image}), image
	case MediaVideo:
		video := &waE2E.VideoMessage{
			Mimetype: mime, Caption: caption, JPEGThumbnail: m.Thumbnail, Seconds: seconds, ViewOnce: yesOrNil(m.ViewOnce),
		}
		return m.once(&waE2E.Message{VideoMessage: video}), video
	case MediaAudio, MediaVoice:
		audio := &waE2E.AudioMessage{
			Mimetype: mime, Seconds: seconds, PTT: proto.Bool(m.Kind == MediaVoice), ViewOnce: yesOrNil(m.ViewOnce),
		}
		return m.once(&waE2E.Message{AudioMessage: audio}), audio
	case MediaDocument:
		document := &waE2E.DocumentMessage{
			Mimetype: mime, Caption: caption, Title: textOrNil(m.FileName), FileName: textOrNil(m.FileName), JPEGThumbnail: m.Thumbnail,
		}
		return withCaption(&waE2E.Message{DocumentMessage: document}), document
	case MediaSticker:
		sticker := &waE2E.StickerMessage{Mimetype: mime, PngThumbnail: m.Thumbnail}
		return &waE2E.Message{StickerMessage: sticker}, sticker
	}
	return nil, nil
}

// once puts what can be viewed once into its wrapping.
func (m Media) once(message *waE2E.Message) *waE2E.Message {
	if !m.ViewOnce {
		return message
	}
	return &waE2E.Message{ViewOnceMessageV2: &waE2E.FutureProofMessage{Message: message}}
}

// withCaption wraps a document that has a caption, as the official apps do.
func withCaption(m *waE2E.Message) *waE2E.Message {
	if m.GetDocumentMessage().GetCaption() == "" {
		return m
	}
	return &waE2E.Message{DocumentWithCaptionMessage: &waE2E.FutureProofMessage{Message: m}}
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func yesOrNil(yes bool) *bool {
	if !yes {
		return nil
	}
	return &yes
}

// linkThumbnail is the picture of a link's preview, whose fields have names of their own.
type linkThumbnail struct{ *waE2E.ExtendedTextMessage }

// GetDirectPath is where the picture is.
func (l linkThumbnail) GetDirectPath() string { return l.GetThumbnailDirectPath() }

// GetFileSHA256 is the hash of the picture.
func (l linkThumbnail) GetFileSHA256() []byte { return l.GetThumbnailSHA256() }

// GetFileEncSHA256 is the hash of the sealed picture.
func (l linkThumbnail) GetFileEncSHA256() []byte { return l.GetThumbnailEncSHA256() }

// OpenThumbnail downloads and decrypts the picture of the link preview in a message, as OpenMedia does a file.
func (p *Phone) OpenThumbnail(m Message) ([]byte, error) {
	if m.Proto.GetExtendedTextMessage().GetThumbnailDirectPath() == "" {
		return nil, errNoFile
	}
	return p.fetch(linkThumbnail{m.Proto.ExtendedTextMessage})
}

// OpenMedia downloads and decrypts the file of a message. It fails if the media host does not have the file, or if the file is not
// the one that the message promises.
func (p *Phone) OpenMedia(m Message) ([]byte, error) {
	file := fileOf(m.Proto)
	if file == nil {
		return nil, errNoFile
	}
	return p.fetch(file)
}

func (p *Phone) fetch(file filePart) ([]byte, error) {
	p.w.mu.Lock()
	sealed := p.w.media.get(file.GetDirectPath())
	p.w.mu.Unlock()
	if sealed == nil {
		return nil, errNoMedia
	}
	return openFile(file, sealed)
}
