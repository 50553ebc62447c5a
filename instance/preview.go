package instance

import (
	"context"
	"io"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/instance/egress"
	"greengate/instance/linkpreview"
	"greengate/media"
)

const (
	previewWithin   = 20 * time.Second
	maxPreviewImage = 5 << 20
)

// compose adds the preview of the first link. A text whose link says nothing goes without.
func (t *Text) compose(ctx context.Context, i *Instance, client *whatsmeow.Client, draft *waE2E.Message) (*waE2E.Message, error) {
	text := draft.ExtendedTextMessage
	link := linkpreview.FindURL(t.Message)
	switch {
	case t.CustomPreview != nil:
		if t.CustomPreview.Link == "" && link != "" {
			text.MatchedText = &link
		}
		if t.CustomPreview.URLFile != "" {
			i.addPreviewImage(ctx, client, t, text, fetchPreviewImage(ctx, i.egress, t.CustomPreview.URLFile))
		}
	case t.LinkPreview && link != "":
		preview, err := linkpreview.Fetch(ctx, i.egress, link)
		if err != nil {
			i.log.Info("no link preview", "error", err)
			break
		}
		text.MatchedText, text.Title, text.Description = &link, &preview.Title, &preview.Description
		i.addPreviewImage(ctx, client, t, text, preview.Image)
	}
	return draft, ctx.Err()
}

// addPreviewImage puts a small picture into the text and, for a large preview, uploads a larger one beside it.
func (i *Instance) addPreviewImage(ctx context.Context, client *whatsmeow.Client, t *Text, text *waE2E.ExtendedTextMessage, image []byte) {
	small, err := i.pictures.Thumbnail(ctx, image)
	if err != nil {
		return // not a picture that WhatsApp can show
	}
	text.JPEGThumbnail = small.JPEG
	if t.PreviewType != "large" {
		return
	}
	large, err := i.pictures.Large(ctx, image)
	if err == nil {
		err = attachLarge(ctx, client, text, large)
	}
	if err != nil {
		i.log.Warn("large link preview not uploaded", "error", MaskNumbers(err.Error()))
	}
}

func attachLarge(ctx context.Context, client *whatsmeow.Client, text *waE2E.ExtendedTextMessage, large media.Thumbnail) error {
	upload, err := client.Upload(ctx, large.JPEG, whatsmeow.MediaLinkThumbnail)
	if err != nil {
		return err
	}
	text.ThumbnailDirectPath, text.ThumbnailSHA256, text.ThumbnailEncSHA256 = &upload.DirectPath, upload.FileSHA256, upload.FileEncSHA256
	text.MediaKey, text.MediaKeyTimestamp = upload.MediaKey, proto.Int64(time.Now().Unix())
	text.ThumbnailWidth, text.ThumbnailHeight = proto.Uint32(uint32(large.Width)), proto.Uint32(uint32(large.Height))
	return nil
}

func fetchPreviewImage(ctx context.Context, out *egress.Egress, url string) []byte {
	ctx, cancel := context.WithTimeout(ctx, previewWithin)
	defer cancel()
	file, err := out.Fetch(ctx, url, maxPreviewImage)
	if err != nil {
		return nil
	}
	defer file.Close()
	image, err := io.ReadAll(file)
	if err != nil {
		return nil
	}
	return image
}
