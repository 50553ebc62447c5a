package sandbox

import (
	"slices"
	"testing"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func nextReceipt(t *testing.T, p *Phone) Receipt {
	t.Helper()
	r, err := p.NextReceipt(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReceiptsOfPhone(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		sent, err := alice.SendMessage(t.Context(), bob.JID(), say("hello"))
		if err != nil {
			t.Fatal(err)
		}
		bob.Read(sent.ID)
		bob.Played(sent.ID)
		for _, want := range []types.ReceiptType{types.ReceiptTypeDelivered, types.ReceiptTypeRead, types.ReceiptTypePlayed} {
			got := await[*events.Receipt](alice)
			if got.Type != want || !slices.Equal(got.MessageIDs, []string{sent.ID}) || got.Chat != bob.LID() || got.IsFromMe {
				t.Errorf("got receipt %+v instead of %q", got, want)
			}
			if r := nextReceipt(t, alice.phone); r.Type != string(want) || r.From != bob.JID() {
				t.Errorf("the sender's phone got receipt %+v instead of %q", r, want)
			}
		}
	})
}

func TestReceiptsOfCompanion(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
		second := linkClient(t, w, bob.phone)
		id := sendText(t, alice, bob.phone, "hello")
		if r := nextReceipt(t, alice); r.Type != "" || r.From != bob.phone.JID() || r.IDs[0] != id {
			t.Errorf("the phone's own receipt: %+v", r)
		}
		message := awaitMessage(bob)
		if err := bob.MarkRead(t.Context(), []string{id}, message.Info.Timestamp, message.Info.Chat, message.Info.Sender); err != nil {
			t.Fatal(err)
		}
		for r := nextReceipt(t, alice); r.Type != string(types.ReceiptTypeRead); r = nextReceipt(t, alice) {
			if r.Type != string(types.ReceiptTypeInactive) {
				t.Errorf("receipt %+v of a companion without presence", r)
			}
		}
		if got := await[*events.Receipt](second); got.Type != types.ReceiptTypeRead || !got.IsFromMe || got.Chat != alice.LID() {
			t.Errorf("the reader's second companion got %+v", got)
		}
	})
}
