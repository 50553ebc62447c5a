// Package attachment tells what a file is, for sending it as a WhatsApp message: which kind of message fits, and what that message says
// about the file (MIME type, size of the picture, duration, waveform, pages, thumbnail).
//
// Files come from strangers and may be as large as uploads are allowed to be, so nothing is read whole but still pictures for their
// thumbnail (20 MB at most, and those that are read at the same time within one budget). Parsers walk over the structure of a file
// through a source, which hands out small pieces and stops after a few megabytes. What a file does not tell, or tells wrongly,
// stays zero; only failing to read it is an error.
//
// The bytes decide the kind, never the name: WhatsApp's clients show a broken bubble for an image that is none. Decisions that
// WhatsApp does not document:
//
//   - JPEG, PNG and GIF are images. All other pictures (HEIC, TIFF, BMP, SVG, ...) are documents.
//   - MP4, 3GP and QuickTime files are videos, or audio where they have no moving picture. WebM, Matroska, AVI and the rest are
//     documents, since not every phone plays them.
//   - Ogg files of one Opus channel are voice notes. With two channels, or with Vorbis, they are audio, as are MP3, AAC, AMR, WAV and
//     FLAC files.
//   - A WebP file of at most 512 pixels a side is a sticker, square or not, since clients fit it into the square. A larger one is a
//     picture that WhatsApp does not show: a document.
package attachment

import (
	"context"
	"io"
	"time"

	"golang.org/x/sync/semaphore"

	"greengate/media"
)

// Kind is the kind of message that a file is sent as.
type Kind string

// The kinds of WhatsApp's media messages. A voice note is an audio message that is played in the chat, with a waveform.
const (
	Image    Kind = "image"
	Video    Kind = "video"
	Audio    Kind = "audio"
	Voice    Kind = "voice"
	Document Kind = "document"
	Sticker  Kind = "sticker"
)

// Info is what a file tells. All but Kind and MIME are zero where it does not.
type Info struct {
	Kind          Kind
	MIME          string        // as WhatsApp's clients write it, such as "audio/ogg; codecs=opus"
	Width, Height int           // of images and videos, in pixels, upright
	Duration      time.Duration // of audio and video
	Animated      bool          // WebP and GIF: more than one picture
	Waveform      []byte        // of voice notes: 64 values of loudness over time, 0 to 100
	Pages         int           // of a PDF
	Title         string        // of a PDF; at most 200 characters
	Thumbnail     []byte        // JPEG of at most 72 pixels a side, of a picture or a video's cover
}

// Inspector inspects files. Make one per process.
type Inspector struct {
	pictures *media.Pictures
	held     *semaphore.Weighted
}

const (
	// maxHeld bounds the bytes of picture files held at once while thumbnails are made.
	maxHeld = 64 << 20
	// maxPictureBytes is the default of media.Limits.
	maxPictureBytes = 20 << 20
	// maxPixels leaves pictures without a thumbnail that would take seconds to decode.
	maxPixels = 64 << 20
)

// New returns an Inspector that makes thumbnails with p.
func New(p *media.Pictures) *Inspector {
	return &Inspector{pictures: p, held: semaphore.NewWeighted(maxHeld)}
}

// Inspect tells what the file of size bytes in r is. Its name helps where the bytes do not tell the type. It fails only if r fails or ctx
// ends.
func (i *Inspector) Inspect(ctx context.Context, r io.ReaderAt, size int64, name string) (Info, error) {
	s := &source{ctx: ctx, r: r, size: size, left: maxStructure}
	info := Info{Kind: Document, MIME: MIME(s.upTo(0, Sniffed), name)}
	parse := parsers[info.MIME]
	if parse == nil || s.err != nil {
		return info, s.err
	}
	cover := parse(s, &info)
	if s.err == nil && cover.size > 0 {
		s.err = i.thumbnail(s, &info, cover)
	}
	return info, s.err
}

// section is a part of a file.
type section struct{ at, size int64 }

// parsers has a function for each type whose files tell more. It sets the kind once it has found that the file can be shown, and
// returns where in the file a still picture lies that can stand for it.
var parsers = map[string]func(*source, *Info) section{
	"image/jpeg":       inspectJPEG,
	"image/png":        inspectPNG,
	"image/gif":        inspectGIF,
	"image/webp":       inspectWebP,
	"video/mp4":        inspectMP4,
	"video/3gpp":       inspectMP4,
	"video/quicktime":  inspectMP4,
	"audio/mp4":        inspectMP4,
	"video/webm":       inspectMatroska,
	"video/x-matroska": inspectMatroska,
	"audio/ogg":        inspectOgg,
	"audio/mpeg":       inspectMP3,
	"audio/aac":        inspectADTS,
	"audio/amr":        inspectAMR,
	"audio/wav":        inspectWAV,
	"audio/flac":       inspectFLAC,
	"application/pdf":  inspectPDF,
}
