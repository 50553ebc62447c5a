package sandbox

import (
	"net/http"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"
)

// controlAnswers lists what a person does about messages and chats that are there, and statuses and polls, which want answers.
func controlAnswers() []controlRoute {
	return []controlRoute{
		{"POST /phones/{number}/messages/{id}/reaction", "emoji", "reacts to a message", onMessage(reactTo)},
		{"POST /phones/{number}/messages/{id}/reply", "text", "answers a message and quotes it", onMessage(replyTo)},
		{"POST /phones/{number}/messages/{id}/forward", "to", "sends a message on", onMessage(forwardTo)},
		{"POST /phones/{number}/messages/{id}/press", "button", "presses a button or chooses a row, by its id", onMessage(pressOn)},
		{"POST /phones/{number}/polls", "to name options multiple", "asks a question", phoneBody(sendPollEntry)},
		{"POST /phones/{number}/messages/{id}/vote", "options", "votes in a poll; none take the vote back", onMessage(voteIn)},
		{
			"GET /phones/{number}/messages/{id}/votes", "", "who has voted for what in a poll",
			phoneAct(func(p *Phone, r *http.Request) (any, error) { return p.Votes(r.PathValue("id")) }),
		},
		{"POST /phones/{number}/statuses", "text numbers", "posts a status, for contacts if there are no numbers", phoneBody(postEntry)},
		{
			"GET /phones/{number}/chats", "", "chats, newest first",
			phoneAct(func(p *Phone, _ *http.Request) (any, error) { return nonNil(p.Chats()), nil }),
		},
		{"GET /phones/{number}/chats/{chat}/messages", "", "all of a chat, with what the phone itself wrote", phoneAct(chatEntries)},
		{
			"PATCH /phones/{number}/chats/{chat}", "archived pinned muted read timer", "sets what is given; a timer is like 24h",
			phoneBody(setChat),
		},
		{
			"GET /phones/{number}/contacts", "", "the address book",
			phoneAct(func(p *Phone, _ *http.Request) (any, error) { return nonNil(p.Contacts()), nil }),
		},
		{
			"DELETE /phones/{number}/contacts/{contact}", "", "takes a number out of the address book",
			phoneAct(func(p *Phone, r *http.Request) (any, error) {
				return nil, p.DeleteContact(chatJID(r.PathValue("contact")))
			}),
		},
	}
}

// onMessage is an action on a message of the phone, which the path names.
func onMessage[T any](act func(p *Phone, m Message, body T, r *http.Request) (string, error)) func(*World, *http.Request) (any, error) {
	return phoneBody(func(p *Phone, body T, r *http.Request) (any, error) {
		m, found := p.Message(r.PathValue("id"))
		if !found {
			return nil, errNoMessage
		}
		id, err := act(p, m, body, r)
		return idEntry{id}, err
	})
}

func reactTo(p *Phone, m Message, b struct{ Emoji string }, r *http.Request) (string, error) {
	return p.React(r.Context(), m, b.Emoji)
}

func replyTo(p *Phone, m Message, b struct{ Text string }, r *http.Request) (string, error) {
	return p.Reply(r.Context(), m, b.Text)
}

func forwardTo(p *Phone, m Message, b struct{ To string }, r *http.Request) (string, error) {
	return p.Forward(r.Context(), chatJID(b.To), m)
}

func pressOn(p *Phone, m Message, b struct{ Button string }, r *http.Request) (string, error) {
	return p.Press(r.Context(), m, b.Button)
}

func voteIn(p *Phone, m Message, b struct{ Options []string }, r *http.Request) (string, error) {
	return p.Vote(r.Context(), m, b.Options...)
}

type pollBody struct {
	To, Name string
	Options  []string
	Multiple bool
}

func sendPollEntry(p *Phone, b pollBody, r *http.Request) (any, error) {
	id, err := p.SendPoll(r.Context(), chatJID(b.To), Poll{b.Name, b.Options, b.Multiple})
	return idEntry{id}, err
}

type postBody struct {
	Text    string
	Numbers []string
}

func postEntry(p *Phone, b postBody, r *http.Request) (any, error) {
	post := &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: &b.Text}}
	id, err := p.PostStatus(r.Context(), post, b.Numbers...)
	return idEntry{id}, err
}

func chatEntries(p *Phone, r *http.Request) (any, error) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	list := []messageEntry{}
	for _, m := range p.mailbox.log {
		if m.Chat == p.w.shownAs(chatJID(r.PathValue("chat"))) {
			list = append(list, m.entry())
		}
	}
	return list, nil
}

type chatBody struct {
	Archived, Pinned, Muted, Read *bool
	Timer                         *string
}

func setChat(p *Phone, b chatBody, r *http.Request) (any, error) {
	chat := chatJID(r.PathValue("chat"))
	for _, change := range []struct {
		to  *bool
		set func(on bool) error
	}{
		{b.Archived, func(on bool) error { return p.Archive(chat, on) }},
		{b.Pinned, func(on bool) error { return p.Pin(chat, on) }},
		{b.Muted, func(on bool) error { return p.Mute(chat, on, 0) }},
		{b.Read, func(on bool) error { return p.MarkChat(chat, on) }},
	} {
		if change.to == nil {
			continue
		}
		if err := change.set(*change.to); err != nil {
			return nil, err
		}
	}
	if b.Timer == nil {
		return nil, nil
	}
	timer, err := time.ParseDuration(*b.Timer)
	if err != nil {
		return nil, malformedError{err}
	}
	if isMulti(chat) {
		return nil, p.SetGroupTimer(chat, timer)
	}
	return nil, p.SetChatTimer(r.Context(), chat, timer)
}
