package sandbox

import (
	"cmp"
	"net/http"

	"go.mau.fi/whatsmeow/types"
)

// controlChats lists what a person writes, hears and sees on a phone.
func controlChats() []controlRoute {
	return []controlRoute{
		{"GET /phones/{number}/messages", "", "what the phone received and its devices sent", phoneAct(messageEntries)},
		{"POST /phones/{number}/messages", "to text", "sends a text to a number or JID", phoneBody(sendEntry)},
		{"PATCH /phones/{number}/messages/{id}", "to text", "replaces the text of a message that the phone sent", phoneBody(editEntry)},
		{"DELETE /phones/{number}/messages/{id}", "to", "takes back, for everyone, a message that the phone sent", phoneBody(deleteEntry)},
		{
			"POST /phones/{number}/read", "ids", "tells the senders that their messages were read",
			phoneBody(func(p *Phone, b struct{ IDs []string }, _ *http.Request) (any, error) {
				p.Read(b.IDs...)
				return nil, nil
			}),
		},
		{"GET /phones/{number}/receipts", "", "what became of messages of the account", phoneAct(receiptEntries)},
		{
			"POST /phones/{number}/typing", "to state media", "shows that the user writes; state: composing or paused, media: audio or empty",
			phoneBody(typeEntry),
		},
		{"GET /phones/{number}/calls", "", "calls that the account made and got", phoneAct(callEntries)},
		{"POST /phones/{number}/calls", "to video", "rings somebody or calls a group", phoneBody(callEntry)},
		{"POST /phones/{number}/calls/{id}", "do", "answer, reject or hangup", phoneBody(actOnCall)},
		{
			"PUT /phones/{number}/name", "name", "changes the push name",
			phoneBody(func(p *Phone, b struct{ Name string }, _ *http.Request) (any, error) {
				return nil, p.SetPushName(b.Name)
			}),
		},
		{
			"PUT /phones/{number}/contacts/{contact}", "name", "writes a number into the address book",
			phoneBody(func(p *Phone, b struct{ Name string }, r *http.Request) (any, error) {
				return nil, p.SaveContact(chatJID(r.PathValue("contact")), b.Name)
			}),
		},
		{
			"GET /phones/{number}/labels", "", "labels of the account",
			phoneAct(func(p *Phone, _ *http.Request) (any, error) { return nonNil(p.Labels()), nil }),
		},
		{
			"PUT /phones/{number}/labels", "id name color", "makes or changes a label",
			phoneBody(func(p *Phone, l Label, _ *http.Request) (any, error) { return nil, p.EditLabel(l) }),
		},
	}
}

// chatJID reads a number or a JID.
func chatJID(chat string) types.JID {
	if jid, err := types.ParseJID(chat); err == nil && jid.User != "" {
		return jid
	}
	return types.NewJID(onlyDigits(chat), types.DefaultUserServer)
}

type idEntry struct {
	ID string `json:"id"`
}

// messageEntry is a message as the control API lists it.
type messageEntry struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	Chat   string `json:"chat"`
	FromMe bool   `json:"fromMe"`
	Type   string `json:"type"` // what the network calls it: text, poll, reaction, ..., or the kind of its file
	Text   string `json:"text"`
	Time   int64  `json:"time"` // Unix seconds

	ArrivedAt int64 `json:"arrivedAt"` // Unix microseconds
}

func messageEntries(p *Phone, _ *http.Request) (any, error) {
	list := []messageEntry{}
	for _, m := range p.Messages() {
		list = append(list, m.entry())
	}
	return list, nil
}

func (m Message) entry() messageEntry {
	kind := cmp.Or(mediaType(m.Proto), stanzaType(m.Proto))
	return messageEntry{m.ID, m.From.String(), m.Chat.String(), m.FromMe, kind, m.Text, m.Time.Unix(), m.ArrivedAt.UnixMicro()}
}

func sendEntry(p *Phone, b struct{ To, Text string }, r *http.Request) (any, error) {
	id, err := p.SendText(r.Context(), chatJID(b.To), b.Text)
	return idEntry{id}, err
}

func editEntry(p *Phone, b struct{ To, Text string }, r *http.Request) (any, error) {
	id, err := p.Edit(r.Context(), chatJID(b.To), r.PathValue("id"), b.Text)
	return idEntry{id}, err
}

func deleteEntry(p *Phone, b struct{ To string }, r *http.Request) (any, error) {
	id, err := p.Delete(r.Context(), chatJID(b.To), r.PathValue("id"))
	return idEntry{id}, err
}

// receiptEntry is a receipt as the control API lists it.
type receiptEntry struct {
	IDs  []string `json:"ids"`
	From string   `json:"from"`
	Chat string   `json:"chat"`
	Type string   `json:"type"`
	Time int64    `json:"time"` // Unix seconds
}

func receiptEntries(p *Phone, _ *http.Request) (any, error) {
	list := []receiptEntry{}
	for _, r := range p.Receipts() {
		list = append(list, receiptEntry{r.IDs, r.From.String(), r.Chat.String(), r.Type, r.Time.Unix()})
	}
	return list, nil
}

func typeEntry(p *Phone, b struct{ To, State, Media string }, _ *http.Request) (any, error) {
	p.Type(chatJID(b.To), types.ChatPresence(b.State), types.ChatPresenceMedia(b.Media))
	return nil, nil
}

func callEntries(p *Phone, _ *http.Request) (any, error) { return nonNil(p.Calls()), nil }

type callBody struct {
	To    string
	Video bool
}

func callEntry(p *Phone, b callBody, _ *http.Request) (any, error) {
	call, to := p.Call, chatJID(b.To)
	if to.Server == types.GroupServer {
		call = p.CallGroup
	}
	id, err := call(to, b.Video)
	return idEntry{id}, err
}

func actOnCall(p *Phone, b struct{ Do string }, r *http.Request) (any, error) {
	act := map[string]func(string) error{"answer": p.Answer, "reject": p.Reject, "hangup": p.HangUp}[b.Do]
	if act == nil {
		return nil, errNoCall
	}
	return nil, act(r.PathValue("id"))
}
