package sandbox

import (
	"crypto/rand"
	"fmt"
	"strconv"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waMmsRetry"
	"go.mau.fi/whatsmeow/util/gcmutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
	"google.golang.org/protobuf/proto"
)

// A file does not stay on the media host for ever. A companion that comes too late asks its phone to upload the file again.

// LoseMedia makes the media host forget the file of a message: downloads answer 404. The phones that have the message still have the
// file.
func (w *World) LoseMedia(id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.accounts {
		m, _ := a.phone.find(id)
		if file := fileOf(m.Proto); file != nil {
			path := w.media.newest(id, file)
			w.media.lost[path] = w.media.files[path] != nil
			return nil
		}
	}
	return errNoFile
}

// newest is where the file of a message was last stored.
func (h *mediaHost) newest(id string, file filePart) string {
	if path := h.moved[id]; path != "" {
		return path
	}
	return mediaPath(file.GetDirectPath())
}

// DropMedia deletes the file of a message from the phone, which then cannot upload it again.
func (p *Phone) DropMedia(id string) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.mailbox.dropped[id] = true
}

// uploadAgain answers a companion that could not download the file of a message. A piece of history, which is asked for without the
// name of a chat, is not uploaded twice.
func (p *Phone) uploadAgain(from endpoint, receipt *waBinary.Node) {
	d, chat := p.account.devices[from.id], child(receipt, "rmr")
	if from.account != p.account || d == nil || chat == nil {
		return
	}
	id := attr(receipt, "id")
	result := p.retryMedia(id, childBytes(receipt, "encrypt", "enc_iv"), childBytes(receipt, "encrypt", "enc_p"))
	answer := p.w.notification("mediaretry", p.account.pn, result, *chat)
	answer.Attrs["id"] = id
	p.w.deliver(d, "notification", answer)
}

// retryMedia stores a file again and makes the element that says where, or why not.
func (p *Phone) retryMedia(id string, iv, request []byte) waBinary.Node {
	m, _ := p.find(id)
	file := fileOf(m.Proto)
	if file == nil || p.mailbox.dropped[id] || p.w.media.files[p.w.media.newest(id, file)] == nil {
		return retryError(waMmsRetry.MediaRetryNotification_NOT_FOUND)
	}
	key := hkdfutil.SHA256(file.GetMediaKey(), nil, []byte("WhatsApp Media Retry Notification"), 32)
	if err := checkRetry(id, key, iv, request); err != nil {
		p.w.log.Warn("phone cannot read a request to upload again", "error", err)
		return retryError(waMmsRetry.MediaRetryNotification_DECRYPTION_ERROR)
	}
	path := p.w.storeMedia(p.w.media.files[p.w.media.newest(id, file)])
	p.w.media.moved[id] = mediaPath(path)
	sealed, err := sealRetry(id, key, &waMmsRetry.MediaRetryNotification{
		StanzaID: &id, DirectPath: &path, Result: waMmsRetry.MediaRetryNotification_SUCCESS.Enum(),
	})
	if err != nil {
		p.w.log.Error("phone cannot tell where it has uploaded a file", "error", err)
		return retryError(waMmsRetry.MediaRetryNotification_GENERAL_ERROR)
	}
	return sealed
}

func retryError(why waMmsRetry.MediaRetryNotification_ResultType) waBinary.Node {
	return waBinary.Node{Tag: "error", Attrs: waBinary.Attrs{"code": strconv.Itoa(int(why))}}
}

// checkRetry makes sure that a request comes from somebody who knows the file's key.
func checkRetry(id string, key, iv, request []byte) error {
	if len(iv) != 12 {
		return errSealed
	}
	plaintext, err := gcmutil.Decrypt(key, iv, request, []byte(id))
	if err != nil {
		return fmt.Errorf("open request: %w", err)
	}
	receipt := &waMmsRetry.ServerErrorReceipt{}
	if err := proto.Unmarshal(plaintext, receipt); err != nil {
		return fmt.Errorf("parse request: %w", err)
	}
	if receipt.GetStanzaID() != id {
		return errSealed
	}
	return nil
}

func sealRetry(id string, key []byte, answer *waMmsRetry.MediaRetryNotification) (waBinary.Node, error) {
	plaintext, err := proto.Marshal(answer)
	if err != nil {
		return waBinary.Node{}, err
	}
	iv := make([]byte, 12)
	_, _ = rand.Read(iv)
	sealed, err := gcmutil.Encrypt(key, iv, plaintext, []byte(id))
	return waBinary.Node{Tag: "encrypt", Content: []waBinary.Node{
		{Tag: "enc_p", Content: sealed}, {Tag: "enc_iv", Content: iv},
	}}, err
}
