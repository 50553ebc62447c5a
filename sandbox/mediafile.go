package sandbox

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/util/cbcutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Files are sealed with keys of their own, which the message about a file carries; the media host cannot read them.

// mediaMAC is how many bytes of the signature follow a sealed file.
const mediaMAC = 10

var (
	errNoFile  = errors.New("the message has no file")
	errNoMedia = errors.New("the media host does not have the file")
	errSealed  = errors.New("the file is not what the message promises")
)

// filePart is the part of a message that stands for a file.
type filePart interface {
	proto.Message
	GetDirectPath() string
	GetMediaKey() []byte
	GetFileSHA256() []byte
	GetFileEncSHA256() []byte
}

// mediaUses are the words for which the keys of a file are made, by the part of a message that it belongs to.
var mediaUses = map[protoreflect.Name]string{
	"ImageMessage":            "WhatsApp Image Keys",
	"StickerMessage":          "WhatsApp Image Keys",
	"VideoMessage":            "WhatsApp Video Keys",
	"AudioMessage":            "WhatsApp Audio Keys",
	"DocumentMessage":         "WhatsApp Document Keys",
	"StickerPackMessage":      "WhatsApp Sticker Pack Keys",
	"ExtendedTextMessage":     "WhatsApp Link Thumbnail Keys",
	"HistorySyncNotification": "WhatsApp History Keys",
}

// fileOf finds the file of a message; nil if it has none.
func fileOf(m *waE2E.Message) filePart {
	_, part := body(unwrap(m))
	if part == nil {
		return nil
	}
	file, _ := part.Interface().(filePart)
	return file
}

type mediaCipher struct{ iv, key, mac []byte }

func newMediaCipher(secret []byte, file filePart) mediaCipher {
	use := mediaUses[file.ProtoReflect().Descriptor().Name()]
	expanded := hkdfutil.SHA256(secret, nil, []byte(use), 112)
	return mediaCipher{expanded[:16], expanded[16:48], expanded[48:80]}
}

func (c mediaCipher) sign(sealed []byte) []byte {
	mac := hmac.New(sha256.New, c.mac)
	mac.Write(c.iv)
	mac.Write(sealed)
	return mac.Sum(nil)[:mediaMAC]
}

// sealFile encrypts a file for the media host and writes into its part of a message what opens it.
func (w *World) sealFile(file filePart, plain []byte) error {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	c := newMediaCipher(secret, file)
	sealed, err := cbcutil.Encrypt(c.key, c.iv, slices.Clip(plain))
	if err != nil {
		return fmt.Errorf("seal file: %w", err)
	}
	sealed = append(sealed, c.sign(sealed)...)
	path := w.storeMedia(sealed)
	hash, sealedHash := sha256.Sum256(plain), sha256.Sum256(sealed)
	set(file, "directPath", path)
	set(file, "mediaKey", secret)
	set(file, "fileSHA256", hash[:])
	set(file, "fileEncSHA256", sealedHash[:])
	set(file, "fileLength", uint64(len(plain)))
	setIfThere(file, "URL", "https://"+mediaHostname+path)
	setIfThere(file, "mediaKeyTimestamp", w.now().Truncate(time.Second).Unix())
	return nil
}

// set writes a field that all parts for files have.
func set(m proto.Message, field protoreflect.Name, value any) {
	r := m.ProtoReflect()
	r.Set(r.Descriptor().Fields().ByName(field), protoreflect.ValueOf(value))
}

func setIfThere(m proto.Message, field protoreflect.Name, value any) {
	if m.ProtoReflect().Descriptor().Fields().ByName(field) != nil {
		set(m, field, value)
	}
}

// openFile checks and decrypts what the media host has for a part of a message. Without a key it is a file of a channel, which is
// not encrypted.
func openFile(file filePart, sealed []byte) ([]byte, error) {
	plain := sealed
	if file.GetMediaKey() != nil {
		sum := sha256.Sum256(sealed)
		if len(sealed) <= mediaMAC || !bytes.Equal(sum[:], file.GetFileEncSHA256()) {
			return nil, fmt.Errorf("%w: hash of the sealed file", errSealed)
		}
		c := newMediaCipher(file.GetMediaKey(), file)
		body, mac := sealed[:len(sealed)-mediaMAC], sealed[len(sealed)-mediaMAC:]
		if !hmac.Equal(mac, c.sign(body)) {
			return nil, fmt.Errorf("%w: signature", errSealed)
		}
		var err error
		if plain, err = cbcutil.Decrypt(c.key, c.iv, slices.Clone(body)); err != nil {
			return nil, fmt.Errorf("%w: %w", errSealed, err)
		}
	}
	if sum := sha256.Sum256(plain); !bytes.Equal(sum[:], file.GetFileSHA256()) {
		return nil, fmt.Errorf("%w: hash of the file", errSealed)
	}
	return plain, nil
}
