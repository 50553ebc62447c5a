package sandbox

import (
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

// awaitVote waits for a vote at a client and opens it.
func awaitVote(t *testing.T, c *client) (options [][]byte, from types.JID) {
	t.Helper()
	e := awaitMessage(c)
	vote, err := c.DecryptPollVote(t.Context(), e)
	if err != nil || e.Info.Type != "poll" {
		t.Fatalf("vote of type %s: %v", e.Info.Type, err)
	}
	return vote.GetSelectedOptions(), e.Info.Sender
}

func TestVotesOfPhones(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		group := groupOf(t, bob.phone, alice.phone)
		hash := sha256.Sum256([]byte("yes"))
		for _, chat := range []types.JID{bob.phone.JID(), group} {
			sent, err := alice.SendMessage(t.Context(), chat, alice.BuildPollCreation("Tea?", []string{"yes", "no"}, 1))
			ok(t, err)
			awaitMessage(bob)
			poll, copied := receive(t, bob.phone), receive(t, alice.phone)
			if _, err := bob.phone.Vote(t.Context(), poll, "perhaps"); !errors.Is(err, errNoPoll) {
				t.Errorf("voting for what is not offered: %v", err)
			}
			_, err = bob.phone.Vote(t.Context(), poll, "yes")
			ok(t, err)
			if options, from := awaitVote(t, alice); len(options) != 1 || [32]byte(options[0]) != hash || from != bob.phone.LID() {
				t.Errorf("vote in %s: %x from %s", chat.Server, options, from)
			}
			awaitMessage(bob) // its copy of the vote
			_, err = alice.phone.Vote(t.Context(), copied, "no", "yes")
			ok(t, err)
			if options, from := awaitVote(t, alice); len(options) != 2 || from != alice.phone.LID() {
				t.Errorf("vote of the author's phone in %s: %x from %s", chat.Server, options, from)
			}
			awaitMessage(bob)
			receive(t, alice.phone)
			receive(t, bob.phone)
			want := map[string][]string{bob.phone.Number(): {"yes"}, alice.phone.Number(): {"no", "yes"}}
			if got, err := bob.phone.Votes(sent.ID); err != nil || !cmp.Equal(got, want) {
				t.Errorf("votes as the phone counts them: %v, %v", got, err)
			}
		}
	})
}

func TestPollOfPhone(t *testing.T) {
	bubble(t, func(t *testing.T, w *World) {
		alice, bob := newClient(t, w, alice), newClient(t, w, bob)
		group := groupOf(t, alice.phone, bob.phone)
		for _, chat := range []types.JID{bob.phone.JID(), group} {
			for _, multiple := range []bool{false, true} {
				id, err := alice.phone.SendPoll(t.Context(), chat, Poll{Name: "Tea?", Options: []string{"yes", "no"}, Multiple: multiple})
				ok(t, err)
				asked := awaitMessage(bob)
				question := asked.Message.GetPollCreationMessageV3()
				if multiple {
					question = asked.Message.GetPollCreationMessage()
				}
				if question.GetName() != "Tea?" || len(question.GetOptions()) != 2 || asked.Info.Type != "poll" {
					t.Fatalf("the question: %+v", asked.Message)
				}
				vote, err := bob.BuildPollVote(t.Context(), &asked.Info, []string{"yes"})
				ok(t, err)
				_, err = bob.SendMessage(t.Context(), asked.Info.Chat, vote)
				ok(t, err)
				awaitCopy(t, alice, id)
				if options, from := awaitVote(t, alice); len(options) != 1 || from.User != bob.phone.LID().User {
					t.Errorf("the author's companion got %x from %s", options, from)
				}
				receive(t, alice.phone)
				if got, err := alice.phone.Votes(id); err != nil || !cmp.Equal(got, map[string][]string{bob.phone.Number(): {"yes"}}) {
					t.Errorf("votes as the phone counts them: %v, %v", got, err)
				}
				own, _ := alice.phone.Message(id)
				_, err = alice.phone.Vote(t.Context(), own, "no")
				ok(t, err)
				awaitVote(t, alice)
				awaitMessage(bob)
			}
		}
	})
}

// awaitCopy waits for a client's copy of what its phone sent.
func awaitCopy(t *testing.T, c *client, id string) *events.Message {
	t.Helper()
	e := awaitMessage(c)
	if e.Info.ID != id || !e.Info.IsFromMe {
		t.Fatalf("instead of the copy of %s: %+v", id, e.Info)
	}
	return e
}
