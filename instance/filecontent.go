package instance

import (
	"encoding/base64"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"
)

// File is an image, a video, a sound, a document or a sticker.
type File struct {
	DownloadURL   string `json:"downloadUrl"`
	Caption       string `json:"caption"`
	FileName      string `json:"fileName"`
	JPEGThumbnail string `json:"jpegThumbnail"`
	IsAnimated    bool   `json:"isAnimated"`
	MimeType      string `json:"mimeType"`
	Forwarding
	VideoNote bool `json:"videoNote,omitempty"`
}

func fileContent(m *waE2E.Message) (content, bool) {
	file := func(typ MessageType, context *waE2E.ContextInfo, f File, thumbnail []byte) (content, bool) {
		f.JPEGThumbnail, f.Forwarding = base64.StdEncoding.EncodeToString(thumbnail), forwarding(context)
		return content{typ: typ, context: context, file: &f}, true
	}
	switch {
	case m.ImageMessage != nil:
		f := m.ImageMessage
		return file(TypeImage, f.ContextInfo, File{Caption: f.GetCaption(), MimeType: f.GetMimetype()}, f.JPEGThumbnail)
	case m.VideoMessage != nil, m.PtvMessage != nil:
		f, note := m.VideoMessage, false
		if f == nil {
			f, note = m.PtvMessage, true
		}
		return file(TypeVideo, f.ContextInfo, File{
			Caption: f.GetCaption(), MimeType: f.GetMimetype(), IsAnimated: f.GetGifPlayback(), VideoNote: note,
		}, f.JPEGThumbnail)
	case m.AudioMessage != nil:
		f := m.AudioMessage
		return file(TypeAudio, f.ContextInfo, File{MimeType: f.GetMimetype()}, nil)
	case m.DocumentMessage != nil:
		f := m.DocumentMessage
		return file(TypeDocument, f.ContextInfo, File{
			Caption: f.GetCaption(), MimeType: f.GetMimetype(), FileName: f.GetFileName(),
		}, f.JPEGThumbnail)
	case m.StickerMessage != nil:
		f := m.StickerMessage
		return file(TypeSticker, f.ContextInfo, File{MimeType: f.GetMimetype(), IsAnimated: f.GetIsAnimated()}, f.PngThumbnail)
	}
	return content{}, false
}

// fileOf returns the part of a message that can be downloaded; nil for none.
func fileOf(m *waE2E.Message) downloadable {
	switch {
	case m.ImageMessage != nil:
		return m.ImageMessage
	case m.VideoMessage != nil:
		return m.VideoMessage
	case m.PtvMessage != nil:
		return m.PtvMessage
	case m.AudioMessage != nil:
		return m.AudioMessage
	case m.DocumentMessage != nil:
		return m.DocumentMessage
	case m.StickerMessage != nil:
		return m.StickerMessage
	}
	return nil
}

// downloadable is what all files have in common.
type downloadable interface {
	proto.Message
	GetDirectPath() string
	GetMediaKey() []byte
	GetFileSHA256() []byte
	GetFileEncSHA256() []byte
	GetFileLength() uint64
	GetMimetype() string
}
