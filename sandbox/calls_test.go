package sandbox

import (
	"errors"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/proto/waSyncAction"
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
		awaitAppState(alice)
		awaitAppState(bob)
		id := ring(t, alice.phone, bob.phone)
		offer := await[*events.CallOffer](bob)
		if err := bob.RejectCall(t.Context(), offer.From, offer.CallID); err != nil {
			t.Fatal(err)
		}
		for _, c := range []*client{alice, bob} {
			if r := awaitCallLog(c); r.GetCallID() != id || r.GetCallResult() != waSyncAction.CallLogRecord_REJECTED || r.GetIsIncoming() != (c == bob) {
				t.Errorf("log of %s: %v", c.phone.Number(), r)
			}
		}
		if e, ok := takeEvent[*events.CallReject](alice); ok {
			t.Errorf("the caller's companion hears %+v", e)
		}
		want := Call{ID: id, From: alice.phone.JID(), To: bob.phone.JID(), State: CallRejected}
		if calls := alice.phone.Calls(); len(calls) != 1 || calls[0] != want {
			t.Errorf("calls %+v", calls)
		}
	})
}

// awaitCallLog waits until the phone of a client has written down a call.
func awaitCallLog(c *client) *waSyncAction.CallLogRecord {
	c.t.Helper()
	for {
		if r := await[*events.AppState](c).GetCallLogAction().GetCallLogRecord(); r != nil {
			return r
		}
	}
}

func TestCallLog(t *testing.T) {
	for _, test := range []struct {
		name           string
		happens        func(t *testing.T, caller, called *Phone, id string)
		caller, called waSyncAction.CallLogRecord_CallResult
		seconds        int64
		reason         string // why the called one's companion stops ringing
	}{
		{"answered", func(t *testing.T, caller, called *Phone, id string) {
			ok(t, called.Answer(id))
			pass(42 * time.Second)
			ok(t, caller.HangUp(id))
		}, waSyncAction.CallLogRecord_CONNECTED, waSyncAction.CallLogRecord_CONNECTED, 42, "accepted_elsewhere"},
		{"declined", func(t *testing.T, _, called *Phone, id string) {
			ok(t, called.Reject(id))
		}, waSyncAction.CallLogRecord_REJECTED, waSyncAction.CallLogRecord_REJECTED, 0, "rejected_elsewhere"},
		{"given up", func(t *testing.T, caller, _ *Phone, id string) {
			ok(t, caller.HangUp(id))
		}, waSyncAction.CallLogRecord_CANCELLED, waSyncAction.CallLogRecord_MISSED, 0, ""},
		{"rung out", func(*testing.T, *Phone, *Phone, string) {
			pass(2 * ringTime)
		}, waSyncAction.CallLogRecord_UNAVAILABLE, waSyncAction.CallLogRecord_MISSED, 0, "timeout"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *World) {
				alice, bob := newClient(t, w, alice), newClient(t, w, bob)
				awaitAppState(alice)
				awaitAppState(bob)
				id, err := alice.phone.Call(bob.phone.JID(), true)
				ok(t, err)
				began := time.Now().Unix()
				await[*events.CallOffer](bob)
				test.happens(t, alice.phone, bob.phone, id)
				if e := await[*events.CallTerminate](bob); e.CallID != id || e.Reason != test.reason {
					t.Errorf("terminate %+v", e)
				}
				for _, c := range []*client{alice, bob} {
					result, other := test.caller, bob
					if c == bob {
						result, other = test.called, alice
					}
					r := awaitCallLog(c)
					if r.GetCallID() != id || r.GetCallResult() != result || r.GetDuration() != test.seconds || r.GetStartTime() != began ||
						!r.GetIsVideo() || r.GetIsIncoming() != (c == bob) || r.GetCallCreatorJID() != alice.phone.LID().String() ||
						len(r.Participants) != 1 || r.Participants[0].GetUserJID() != other.phone.LID().String() {
						t.Errorf("log of %s: %v", c.phone.Number(), r)
					}
				}
			})
		})
	}
}

func TestGroupCall(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob, carol, dave := newClient(t, w, alice), newClient(t, w, bob), addPhone(t, w, carol), addPhone(t, w, dave)
		awaitAppState(alice)
		awaitAppState(bob)
		group := groupOf(t, alice.phone, bob.phone, carol, dave)
		id, err := alice.phone.CallGroup(group, false)
		ok(t, err)
		if e := await[*events.CallOfferNotice](bob); e.CallID != id || e.GroupJID != group || e.Type != "group" || e.Media != "audio" || e.From != alice.phone.LID() {
			t.Errorf("notice %+v", e)
		}
		if c, err := carol.NextCall(t.Context()); err != nil || c != (Call{id, alice.phone.JID(), group, false, CallRinging}) {
			t.Errorf("call %+v, %v", c, err)
		}
		ok(t, carol.Answer(id))
		ok(t, dave.Reject(id))
		if err := dave.HangUp(id); !errors.Is(err, errNoCall) {
			t.Errorf("a guest ended the call: %v", err)
		}
		pass(2 * time.Minute)
		ok(t, alice.phone.HangUp(id))
		if e := await[*events.CallTerminate](bob); e.CallID != id || e.GroupJID != group {
			t.Errorf("terminate %+v", e)
		}
		for c, want := range map[*client]waSyncAction.CallLogRecord_CallResult{
			alice: waSyncAction.CallLogRecord_CONNECTED, bob: waSyncAction.CallLogRecord_MISSED,
		} {
			r := awaitCallLog(c)
			var results string
			for _, p := range r.Participants {
				results += p.GetCallResult().String() + " "
			}
			if r.GetCallResult() != want || r.GetGroupJID() != group.String() || results != "MISSED CONNECTED REJECTED " {
				t.Errorf("log of %s: %v", c.phone.Number(), r)
			}
		}
		if id, err = alice.phone.CallGroup(group, true); err != nil {
			t.Fatal(err)
		}
		pass(2 * ringTime)
		if r := awaitCallLog(alice); r.GetCallID() != id || r.GetCallResult() != waSyncAction.CallLogRecord_CANCELLED {
			t.Errorf("nobody came: %v", r)
		}
	})
}

func TestCallToSomebodyWhoBlocks(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), addPhone(t, w, bob)
		awaitAppState(alice)
		ok(t, bob.Block(alice.phone.Number()))
		id := ring(t, alice.phone, bob)
		if err := bob.Answer(id); !errors.Is(err, errNoCall) {
			t.Errorf("a call that never came was answered: %v", err)
		}
		pass(2 * ringTime)
		if r := awaitCallLog(alice); r.GetCallResult() != waSyncAction.CallLogRecord_UNAVAILABLE || len(bob.Calls()) != 0 {
			t.Errorf("log %v, calls of the other side %v", r, bob.Calls())
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
