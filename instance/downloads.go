package instance

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waMmsRetry"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"greengate/store"
)

const (
	downloadWithin = 10 * time.Minute
	reuploadWithin = 30 * time.Second // the phone has to be there and to upload the file again
)

// Download is the file of a message, decrypted and checked. The caller closes it.
type Download struct {
	*os.File
	Name string
	MIME string
}

// OpenLink opens the file that a download link leads to. KindForbidden for a link that is forged or expired, KindNotFound for a message
// that is not there or has no file; else as OpenDownload.
func (m *Manager) OpenLink(ctx context.Context, l Link) (Download, error) {
	mac, err := m.sign(l)
	if err != nil {
		return Download{}, err
	}
	if !hmac.Equal([]byte(mac), []byte(l.MAC)) || time.Now().Unix() > l.Expires {
		return Download{}, fail(KindForbidden, "the link is not valid, or no longer")
	}
	i, err := m.Instance(l.ID)
	if err != nil || !i.DeletedAt().IsZero() {
		return Download{}, fail(KindNotFound, "no such file")
	}
	row, err := m.store.Message(ctx, int64(l.ID), string(l.ChatID), l.Message)
	if errors.Is(err, store.ErrNotFound) {
		err = fail(KindNotFound, "no such file")
	}
	if err != nil {
		return Download{}, err
	}
	return i.open(ctx, row)
}

// DownloadURL fetches the file of a message, so that its link answers at once, and returns the link. KindNotFound for a message without a
// file.
func (i *Instance) DownloadURL(ctx context.Context, chat types.JID, id MessageID) (string, error) {
	row, err := i.stored(ctx, chat, id)
	if err != nil {
		return "", err
	}
	file, err := i.open(ctx, row)
	if err != nil {
		return "", err
	}
	file.Close()
	return i.downloadURL(row, file.Name), nil
}

// open takes a file from the cache, or from WhatsApp; when WhatsApp no longer has it, the phone is asked to upload it again.
func (i *Instance) open(ctx context.Context, row store.Message) (Download, error) {
	message := &waE2E.Message{}
	if err := proto.Unmarshal(row.Content, message); err != nil {
		return Download{}, err
	}
	c, part := i.contentOf(row, message), fileOf(message)
	if part == nil || part.GetDirectPath() == "" {
		return Download{}, fail(KindNotFound, "the message has no file")
	}
	if part.GetFileLength() > maxFile {
		return Download{}, fail(KindTooLarge, "the file is too large")
	}
	key := fmt.Sprintf("%d/%s", i.ID, hex.EncodeToString(part.GetFileSHA256()))
	file, err := i.files.Cached(ctx, key, func(ctx context.Context, file *os.File) error { return i.fetch(ctx, row, message, file) })
	if err != nil {
		return Download{}, fromWhatsApp(err)
	}
	return Download{file, c.file.FileName, part.GetMimetype()}, nil
}

func (i *Instance) fetch(ctx context.Context, row store.Message, message *waE2E.Message, file *os.File) error {
	err := i.downloadTo(ctx, message, file)
	if !isGone(err) {
		return err
	}
	if err := i.askPhoneAgain(ctx, row, message); err != nil {
		return err
	}
	return i.downloadTo(ctx, message, file)
}

func (i *Instance) downloadTo(ctx context.Context, message *waE2E.Message, file *os.File) error {
	_, err := ask(ctx, i, downloadWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		return struct{}{}, client.DownloadToFile(ctx, fileOf(message), file)
	})
	return err
}

// isGone tells that WhatsApp's media host does not have a file any more.
func isGone(err error) bool {
	return errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith403) || errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith404) ||
		errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith410)
}

// reuploads are the requests to the phone that wait for an answer.
type reuploads struct {
	mu      sync.Mutex
	waiting map[MessageID]chan *events.MediaRetry
}

func (r *reuploads) expect(id MessageID) (answer <-chan *events.MediaRetry, forget func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil {
		r.waiting = map[MessageID]chan *events.MediaRetry{}
	}
	c := make(chan *events.MediaRetry, 1)
	r.waiting[id] = c
	return c, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, id)
	}
}

func (r *reuploads) arrive(e *events.MediaRetry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.waiting[e.MessageID] <- e:
	default: // nobody waits, any more
	}
}

// askPhoneAgain lets the phone upload a file anew and writes its new place into the message and the journal. KindNotFound when the phone
// has lost it too, KindTimeout when the phone does not answer.
func (i *Instance) askPhoneAgain(ctx context.Context, row store.Message, message *waE2E.Message) error {
	answer, forget := i.reuploads.expect(row.ID)
	defer forget()
	chat, _ := ParseChatID(row.ChatID) // stored by us
	info := types.MessageInfo{ID: row.ID, MessageSource: types.MessageSource{
		Chat: chat, Sender: i.participant(row), IsFromMe: row.Outgoing, IsGroup: chat.Server == types.GroupServer,
	}}
	part := fileOf(message)
	_, err := ask(ctx, i, readWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		return struct{}{}, client.SendMediaRetryReceipt(ctx, &info, part.GetMediaKey())
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, reuploadWithin)
	defer cancel()
	select {
	case e := <-answer:
		return i.moved(ctx, row, message, e)
	case <-ctx.Done():
		return fail(KindTimeout, "WhatsApp has lost the file, and the phone does not answer")
	}
}

func (i *Instance) moved(ctx context.Context, row store.Message, message *waE2E.Message, e *events.MediaRetry) error {
	retry, err := whatsmeow.DecryptMediaRetryNotification(e, fileOf(message).GetMediaKey())
	if err != nil || retry.GetResult() != waMmsRetry.MediaRetryNotification_SUCCESS {
		return &Error{Kind: KindNotFound, Detail: "WhatsApp has lost the file, and so has the phone", Err: err}
	}
	reflected := fileOf(message).ProtoReflect()
	reflected.Set(reflected.Descriptor().Fields().ByName("directPath"), protoreflect.ValueOfString(retry.GetDirectPath()))
	return i.store.Update(ctx, func(tx *store.Tx) error {
		now, err := tx.Message(row.InstanceID, row.ChatID, row.ID)
		if err != nil {
			return err
		}
		if now.Content, err = proto.Marshal(message); err != nil {
			return err
		}
		return tx.UpdateMessage(now)
	})
}
