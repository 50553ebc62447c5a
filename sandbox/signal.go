package sandbox

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/groups"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/protocol"
	signalsession "go.mau.fi/libsignal/session"
	"go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/util/optional"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
)

// The phones' end-to-end encryption. Signal addresses are always LIDs with their device number, as in whatsmeow.

var (
	serializer = store.SignalProtobufSerializer
	errBundle  = errors.New("malformed key bundle")
	errPadding = errors.New("message padding is broken")
)

// useKeys opens a session with a device from its key bundle, as the network hands it out or as a retry receipt brings it.
func useKeys(d *store.Device, with types.JID, registration []byte, bundle *waBinary.Node) error {
	signed, err := parsePreKey(child(bundle, "skey"))
	identityKey := childBytes(bundle, "identity")
	if err != nil || len(registration) != 4 || len(identityKey) != 32 {
		return errBundle
	}
	id, public := optional.NewEmptyUint32(), ecc.ECPublicKeyable(nil)
	if n := child(bundle, "key"); n != nil {
		oneTime, err := parsePreKey(n)
		if err != nil {
			return errBundle
		}
		id, public = optional.NewOptionalUint32(oneTime.id), ecc.NewDjbECPublicKey(oneTime.public)
	}
	err = sessionBuilder(d, with).ProcessBundle(context.Background(), prekey.NewBundle(
		binary.BigEndian.Uint32(registration), uint32(with.Device), id, signed.id, public, ecc.NewDjbECPublicKey(signed.public),
		signed.signature, identity.NewKey(ecc.NewDjbECPublicKey([32]byte(identityKey))),
	))
	if err != nil {
		return fmt.Errorf("open session with %s: %w", with, err)
	}
	return nil
}

// freshKeys is a phone's own bundle with a new one-time prekey.
func freshKeys(d *store.Device) *keyBundle {
	oneTime, _ := d.PreKeys.GenOnePreKey(context.Background()) // in memory, cannot fail
	return &keyBundle{
		registrationID: d.RegistrationID,
		signedPreKey:   preKey{d.SignedPreKey.KeyID, *d.SignedPreKey.Pub, *d.SignedPreKey.Signature},
		oneTime:        []preKey{{id: oneTime.KeyID, public: *oneTime.Pub}},
	}
}

func sessionBuilder(d *store.Device, with types.JID) *signalsession.Builder {
	return signalsession.NewBuilderFromSignal(d, with.SignalAddress(), serializer)
}

// encrypt makes the enc node for one device; a session with it must exist.
func encrypt(d *store.Device, to types.JID, plaintext []byte) (waBinary.Node, error) {
	cipher := signalsession.NewCipher(sessionBuilder(d, to), to.SignalAddress())
	message, err := cipher.Encrypt(context.Background(), pad(plaintext))
	if err != nil {
		return waBinary.Node{}, fmt.Errorf("encrypt for %s: %w", to, err)
	}
	typ := "msg"
	if message.Type() == protocol.PREKEY_TYPE {
		typ = "pkmsg"
	}
	return encNode(typ, message.Serialize()), nil
}

// senderKey is what a member of a group needs to read what the phone sends there from now on.
func senderKey(d *store.Device, group types.JID) ([]byte, error) {
	name := protocol.NewSenderKeyName(group.String(), d.LID.SignalAddress())
	key, err := groups.NewGroupSessionBuilder(d, serializer).Create(context.Background(), name)
	if err != nil {
		return nil, fmt.Errorf("create sender key: %w", err)
	}
	return key.Serialize(), nil
}

// encryptGroup makes the enc node that all devices of a group share; senderKey must have been called for the group before.
func encryptGroup(d *store.Device, group types.JID, plaintext []byte) (waBinary.Node, error) {
	name := protocol.NewSenderKeyName(group.String(), d.LID.SignalAddress())
	cipher := groups.NewGroupCipher(groups.NewGroupSessionBuilder(d, serializer), name, d)
	message, err := cipher.Encrypt(context.Background(), pad(plaintext))
	if err != nil {
		return waBinary.Node{}, fmt.Errorf("encrypt for %s: %w", group, err)
	}
	return encNode("skmsg", message.SignedSerialize()), nil
}

func encNode(typ string, ciphertext []byte) waBinary.Node {
	return waBinary.Node{Tag: "enc", Attrs: waBinary.Attrs{"v": "2", "type": typ}, Content: ciphertext}
}

// decrypt opens one enc node of a sender's device; chat matters for group messages only.
func decrypt(d *store.Device, from, chat types.JID, enc *waBinary.Node) (plaintext []byte, err error) {
	defer survive(&err)
	ciphertext, _ := enc.Content.([]byte)
	before, _ := d.Sessions.GetSession(context.Background(), from.SignalAddress().String()) // in memory, cannot fail
	switch typ := enc.AttrGetter().String("type"); typ {
	case "pkmsg":
		plaintext, err = decryptFirst(d, from, ciphertext)
	case "msg":
		plaintext, err = decryptNext(d, from, ciphertext)
	case "skmsg":
		plaintext, err = decryptGroup(d, from, chat, ciphertext)
	default:
		err = fmt.Errorf("unknown enc type %q", typ)
	}
	if err != nil {
		return nil, fmt.Errorf("decrypt from %s: %w", from, err)
	}
	restoreSessions(d, from, before)
	return unpad(plaintext)
}

// restoreSessions does what phones do where two sessions were opened at the same time: the one that did not open a message stays as it was
// before. libsignal leaves it as it is after the attempt.
func restoreSessions(d *store.Device, from types.JID, before []byte) {
	ctx, address := context.Background(), from.SignalAddress().String()
	after, _ := d.Sessions.GetSession(ctx, address)
	old, err := serializer.Session.Deserialize(before)
	if err != nil || len(before) == 0 || bytes.Equal(before, after) {
		return
	}
	now, err := serializer.Session.Deserialize(after)
	if err != nil {
		return
	}
	opened := func(s *record.StateStructure) bool {
		return bytes.Equal(s.SenderBaseKey, now.SessionState.SenderBaseKey)
	}
	if !opened(old.SessionState) && slices.ContainsFunc(old.PreviousStates, opened) {
		now.PreviousStates = append([]*record.StateStructure{old.SessionState}, slices.DeleteFunc(old.PreviousStates, opened)...)
		_ = d.Sessions.PutSession(ctx, address, serializer.Session.Serialize(now))
	}
}

func decryptFirst(d *store.Device, from types.JID, ciphertext []byte) ([]byte, error) {
	message, err := protocol.NewPreKeySignalMessageFromBytes(ciphertext, serializer.PreKeySignalMessage, serializer.SignalMessage)
	if err != nil {
		return nil, err
	}
	return signalsession.NewCipher(sessionBuilder(d, from), from.SignalAddress()).DecryptMessage(context.Background(), message)
}

func decryptNext(d *store.Device, from types.JID, ciphertext []byte) ([]byte, error) {
	message, err := protocol.NewSignalMessageFromBytes(ciphertext, serializer.SignalMessage)
	if err != nil {
		return nil, err
	}
	return signalsession.NewCipher(sessionBuilder(d, from), from.SignalAddress()).Decrypt(context.Background(), message)
}

func decryptGroup(d *store.Device, from, group types.JID, ciphertext []byte) ([]byte, error) {
	message, err := protocol.NewSenderKeyMessageFromBytes(ciphertext, serializer.SenderKeyMessage)
	if err != nil {
		return nil, err
	}
	name := protocol.NewSenderKeyName(group.String(), from.SignalAddress())
	return groups.NewGroupCipher(groups.NewGroupSessionBuilder(d, serializer), name, d).Decrypt(context.Background(), message)
}

// learnSenderKey takes a key distribution that came with a group message.
func learnSenderKey(d *store.Device, from, group types.JID, distribution []byte) (err error) {
	defer survive(&err)
	message, err := protocol.NewSenderKeyDistributionMessageFromBytes(distribution, serializer.SenderKeyDistributionMessage)
	if err != nil {
		return fmt.Errorf("parse sender key of %s: %w", from, err)
	}
	name := protocol.NewSenderKeyName(group.String(), from.SignalAddress())
	return groups.NewGroupSessionBuilder(d, serializer).Process(context.Background(), name, message)
}

// survive makes an error of a panic: libsignal ends in one at some malformed messages.
func survive(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("libsignal panicked: %v", r)
	}
}

// pad hides the length of a message: 1 to 15 bytes that all carry their count.
func pad(plaintext []byte) []byte {
	n := 1 + rand.IntN(15)
	return append(plaintext, bytes.Repeat([]byte{byte(n)}, n)...)
}

func unpad(padded []byte) ([]byte, error) {
	if len(padded) == 0 {
		return nil, errPadding
	}
	n := int(padded[len(padded)-1])
	if n == 0 || n > len(padded) || !bytes.HasSuffix(padded, bytes.Repeat(padded[len(padded)-1:], n)) {
		return nil, errPadding
	}
	return padded[:len(padded)-n], nil
}
