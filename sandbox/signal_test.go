package sandbox

import (
	"bytes"
	"testing"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

func newSignalPair() (a, b *store.Device) {
	return newSignalDevice(keys.NewKeyPair(), types.NewJID("101", types.HiddenUserServer)),
		newSignalDevice(keys.NewKeyPair(), types.NewJID("102", types.HiddenUserServer))
}

func openPair(t testing.TB, a, b *store.Device) {
	t.Helper()
	bundle := waBinary.Node{Content: freshKeys(b).take(*b.IdentityKey.Pub)}
	if err := useKeys(a, b.LID, childBytes(&bundle, "registration"), &bundle); err != nil {
		t.Fatal(err)
	}
}

func TestSignalSession(t *testing.T) {
	a, b := newSignalPair()
	openPair(t, a, b)
	for i, step := range []struct {
		from, to *store.Device
		typ      string
	}{{a, b, "pkmsg"}, {a, b, "pkmsg"}, {b, a, "msg"}, {a, b, "msg"}} {
		text := []byte{byte(i)}
		enc, err := encrypt(step.from, step.to.LID, text)
		if err != nil || enc.Attrs["type"] != step.typ {
			t.Fatalf("step %d: %v, %v", i, enc.Attrs, err)
		}
		if got, err := decrypt(step.to, step.from.LID, types.EmptyJID, &enc); err != nil || !bytes.Equal(got, []byte{byte(i)}) {
			t.Errorf("step %d: %v, %v", i, got, err)
		}
		if _, err := decrypt(step.to, step.from.LID, types.EmptyJID, &enc); err == nil {
			t.Errorf("step %d: the same message was read twice", i)
		}
	}
}

func TestSenderKey(t *testing.T) {
	a, b := newSignalPair()
	group := types.NewJID("120363", types.GroupServer)
	key, err := senderKey(a, group)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := encryptGroup(a, group, []byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decrypt(b, a.LID, group, &enc); err == nil {
		t.Error("a group message was read without its key")
	}
	if err := learnSenderKey(b, a.LID, group, key); err != nil {
		t.Fatal(err)
	}
	if got, err := decrypt(b, a.LID, group, &enc); err != nil || string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

func FuzzUnpad(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 2, 3, 0})
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, err := unpad(pad(bytes.Clone(text))); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%x became %x, %v", text, got, err)
		}
		if got, err := unpad(text); err == nil && len(got) >= len(text) {
			t.Errorf("%x lost no padding", text)
		}
	})
}

func FuzzDecrypt(f *testing.F) {
	a, b := newSignalPair()
	openPair(f, a, b)
	for _, text := range []string{"", "hello"} {
		enc, err := encrypt(a, b.LID, []byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(enc.Attrs["type"].(string), enc.Content.([]byte))
	}
	f.Add("msg", []byte{0x33})
	f.Add("skmsg", []byte{0x33, 1, 2})
	f.Fuzz(func(_ *testing.T, typ string, ciphertext []byte) {
		_, _ = decrypt(b, a.LID, types.EmptyJID, &waBinary.Node{Tag: "enc", Attrs: waBinary.Attrs{"type": typ}, Content: ciphertext})
	})
}
