package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/gcmutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
	"google.golang.org/protobuf/proto"
)

var (
	errNoPoll   = errors.New("the message is not a poll with such options")
	errNoSecret = errors.New("no key opens the vote")
)

// Poll is a question with options to choose from.
type Poll struct {
	Name     string
	Options  []string
	Multiple bool // more than one may be chosen
}

// SendPoll asks a person or a group and returns the poll's id.
func (p *Phone) SendPoll(ctx context.Context, to types.JID, poll Poll) (string, error) {
	question := &waE2E.PollCreationMessage{Name: &poll.Name, SelectableOptionsCount: proto.Uint32(0)}
	for i := range poll.Options {
		question.Options = append(question.Options, &waE2E.PollCreationMessage_Option{OptionName: &poll.Options[i]})
	}
	if poll.Multiple {
		return p.Send(ctx, to, &waE2E.Message{PollCreationMessage: question})
	}
	question.SelectableOptionsCount = proto.Uint32(1)
	return p.Send(ctx, to, &waE2E.Message{PollCreationMessageV3: question})
}

// Vote chooses options of a poll, in place of those chosen before; without options it takes the vote back.
func (p *Phone) Vote(ctx context.Context, m Message, options ...string) (string, error) {
	known := optionsByHash(m.Proto)
	vote := &waE2E.PollVoteMessage{}
	for _, option := range options {
		hash := sha256.Sum256([]byte(option))
		if _, ok := known[hash]; !ok {
			return "", errNoPoll
		}
		vote.SelectedOptions = append(vote.SelectedOptions, hash[:])
	}
	if known == nil {
		return "", errNoPoll
	}
	sealed, err := sealVote(vote, m, p.account.lid)
	if err != nil {
		return "", err
	}
	return p.Send(ctx, m.Chat, &waE2E.Message{PollUpdateMessage: &waE2E.PollUpdateMessage{
		PollCreationMessageKey: p.keyOf(m), Vote: sealed, SenderTimestampMS: proto.Int64(p.w.now().UnixMilli()),
	}})
}

// Votes tells what each number has chosen in a poll, as the phone counts it.
func (p *Phone) Votes(pollID string) (map[string][]string, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	poll, _ := p.find(pollID)
	known := optionsByHash(poll.Proto)
	if known == nil {
		return nil, errNoPoll
	}
	cast, err := p.castVotes(poll)
	votes := map[string][]string{}
	for _, v := range cast {
		votes[v.From.User] = []string{}
		for _, hash := range v.vote.GetSelectedOptions() {
			votes[v.From.User] = append(votes[v.From.User], known[[32]byte(hash)])
		}
	}
	return votes, err
}

// castVote is a message with a vote and the vote in it.
type castVote struct {
	Message
	vote *waE2E.PollVoteMessage
}

// castVotes lists the last vote of each person in a poll.
func (p *Phone) castVotes(poll Message) ([]castVote, error) {
	var votes []castVote
	for _, m := range p.mailbox.log {
		update := m.Proto.GetPollUpdateMessage()
		if update == nil || update.GetPollCreationMessageKey().GetID() != poll.ID {
			continue
		}
		vote, err := p.openVote(update.GetVote(), poll, m.From)
		if err != nil {
			return nil, err
		}
		votes = slices.DeleteFunc(votes, func(v castVote) bool { return v.From == m.From })
		votes = append(votes, castVote{m, vote})
	}
	return votes, nil
}

// optionsByHash reads the options of a poll; nil for other messages.
func optionsByHash(m *waE2E.Message) map[[32]byte]string {
	if !isPoll(m) {
		return nil
	}
	_, part := body(m)
	poll, _ := part.Interface().(*waE2E.PollCreationMessage)
	known := map[[32]byte]string{}
	for _, option := range poll.GetOptions() {
		known[sha256.Sum256([]byte(option.GetOptionName()))] = option.GetOptionName()
	}
	return known
}

// voteKey derives what a vote is sealed with from the secret of its poll, and the text that it is bound to.
func voteKey(poll Message, author, voter types.JID) (key, bound []byte) {
	info := poll.ID + author.String() + voter.String() + "Poll Vote"
	secret := poll.Proto.GetMessageContextInfo().GetMessageSecret()
	return hkdfutil.SHA256(secret, nil, []byte(info), 32), []byte(poll.ID + "\x00" + voter.String())
}

func sealVote(vote *waE2E.PollVoteMessage, poll Message, voter types.JID) (*waE2E.PollEncValue, error) {
	plaintext, err := proto.Marshal(vote)
	if err != nil {
		return nil, fmt.Errorf("marshal vote: %w", err)
	}
	key, bound := voteKey(poll, poll.sender.ToNonAD(), voter)
	iv := make([]byte, 12)
	_, _ = rand.Read(iv)
	sealed, err := gcmutil.Encrypt(key, iv, plaintext, bound)
	return &waE2E.PollEncValue{EncPayload: sealed, EncIV: iv}, err
}

// openVote opens a vote that was sealed under either address of the voter and of the poll's author.
func (p *Phone) openVote(sealed *waE2E.PollEncValue, poll Message, from types.JID) (*waE2E.PollVoteMessage, error) {
	voter, author := p.w.account(from), p.w.account(poll.From)
	if len(sealed.GetEncIV()) != 12 || voter == nil || author == nil {
		return nil, errNoSecret
	}
	for _, by := range []types.JID{voter.lid, voter.pn} {
		for _, of := range []types.JID{author.lid, author.pn} {
			key, bound := voteKey(poll, of, by)
			plaintext, err := gcmutil.Decrypt(key, sealed.GetEncIV(), sealed.GetEncPayload(), bound)
			if err != nil {
				continue
			}
			vote := &waE2E.PollVoteMessage{}
			if err := proto.Unmarshal(plaintext, vote); err != nil || slices.ContainsFunc(vote.SelectedOptions, notAHash) {
				return nil, errNoSecret
			}
			return vote, nil
		}
	}
	return nil, errNoSecret
}

func notAHash(b []byte) bool { return len(b) != sha256.Size }
