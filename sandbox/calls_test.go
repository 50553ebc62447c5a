package sandbox

import (
	"errors"
	"testing"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

func ring(t *testing.T, from, to *Phone) string {
	t.Helper()
	id, err := from.Call(to.JID(), false)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestCompanionSeesCalls(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := addPhone(t, w, alice), newClient(t, w, bob)
		id := ring(t, alice, bob.phone)
		offer := await[*events.CallOffer](bob)
		if offer.CallID != id || offer.From != alice.LID() || offer.CallCreatorAlt != alice.JID() || offer.Data.GetChildByTag("audio").Tag != "audio" {
			t.Errorf("offer %+v", offer.BasicCallMeta)
		}
		if err := alice.HangUp(id); err != nil {
			t.Fatal(err)
		}
		if e := await[*events.CallTerminate](bob); e.CallID != id {
			t.Errorf("terminate %+v", e)
		}
		id = ring(t, alice, bob.phone)
		if err := bob.phone.Answer(id); err != nil {
			t.Fatal(err)
		}
		if e := await[*events.CallTerminate](bob); e.CallID != id || e.Reason != "accepted_elsewhere" {
			t.Errorf("terminate %+v", e)
		}
		if err := bob.phone.Reject(id); !errors.Is(err, errNoCall) {
			t.Errorf("an accepted call was rejected: %v", err)
		}
	})
}

func TestCompanionRejectsCall(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		id := ring(t, alice.phone, bob.phone)
		offer := await[*events.CallOffer](bob)
		if err := bob.RejectCall(t.Context(), offer.From, offer.CallID); err != nil {
			t.Fatal(err)
		}
		if e := await[*events.CallReject](alice); e.CallID != id || e.From != bob.phone.LID() {
			t.Errorf("reject %+v", e)
		}
		want := Call{ID: id, From: alice.phone.JID(), To: bob.phone.JID(), State: CallRejected}
		if calls := alice.phone.Calls(); len(calls) != 1 || calls[0] != want {
			t.Errorf("calls %+v", calls)
		}
	})
}

func TestTyping(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		group := groupOf(t, bob.phone, alice.phone)
		for _, chat := range []types.JID{alice.phone.JID(), group} {
			bob.phone.Type(chat, types.ChatPresenceComposing, types.ChatPresenceMediaAudio)
			e := await[*events.ChatPresence](alice)
			if e.State != types.ChatPresenceComposing || e.Media != types.ChatPresenceMediaAudio || e.Sender.User != bob.phone.LID().User || e.IsGroup != (chat == group) {
				t.Errorf("chat presence %+v", e)
			}
		}
		if err := alice.SendChatPresence(t.Context(), bob.phone.LID(), types.ChatPresencePaused, ""); err != nil {
			t.Fatal(err)
		}
		got, err := bob.phone.NextTyping(t.Context())
		if err != nil || got != (Typing{alice.phone.JID(), alice.phone.JID(), types.ChatPresencePaused, ""}) {
			t.Errorf("typing %+v, %v", got, err)
		}
	})
}
