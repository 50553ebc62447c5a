package instance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"go.mau.fi/whatsmeow/appstate"
	"go.mau.fi/whatsmeow/proto/waSyncAction"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"greengate/store"
)

// CallStatus says what became of a call (docs/api/receiving/notifications-format/IncomingCall and OutgoingCall).
type CallStatus string

// The statuses. WhatsApp's missed calls are declined in GREEN-API's words, those that somebody refused are hungUp; only of outgoing calls,
// and of their participants, declined means refused.
const (
	CallOffer    CallStatus = "offer" // it rings
	CallPickUp   CallStatus = "pickUp"
	CallHungUp   CallStatus = "hungUp"
	CallDeclined CallStatus = "declined"
	CallInvalid  CallStatus = "invalid"
)

// CallParticipant is somebody who was called.
type CallParticipant struct {
	ID     ChatID     `json:"id"`
	Status CallStatus `json:"status"`
}

type incomingCallHook struct {
	From         ChatID       `json:"from"`
	TypeWebhook  string       `json:"typeWebhook"`
	InstanceData instanceData `json:"instanceData"`
	Status       CallStatus   `json:"status"`
	Timestamp    int64        `json:"timestamp"`
	IDMessage    string       `json:"idMessage"`
}

type outgoingCallHook struct {
	TypeWebhook  string            `json:"typeWebhook"`
	InstanceData instanceData      `json:"instanceData"`
	Timestamp    int64             `json:"timestamp"`
	IDMessage    string            `json:"idMessage"`
	From         ChatID            `json:"from"`
	IsVideo      bool              `json:"isVideo"`
	Duration     int64             `json:"duration"`
	Status       CallStatus        `json:"status"`
	Participants []CallParticipant `json:"participants"`
}

// call is a call as one event tells of it.
type call struct {
	store.Call
	participants []CallParticipant
	logged       bool // the phone's call log says so, after the end; else it was signalled while the call went on
}

// receiveCall puts what WhatsApp signals of an incoming call into the call journal. Outgoing ones are known from the call log only.
func (i *Instance) receiveCall(ctx context.Context, event any) error {
	switch e := event.(type) {
	case *events.CallOffer:
		_, video := e.Data.GetOptionalChildByTag("video")
		return i.signalled(ctx, e.BasicCallMeta, CallOffer, video)
	case *events.CallOfferNotice:
		return i.signalled(ctx, e.BasicCallMeta, CallOffer, e.Media == "video")
	case *events.CallAccept:
		return i.answered(ctx, e.BasicCallMeta, CallPickUp)
	case *events.CallReject:
		return i.answered(ctx, e.BasicCallMeta, CallHungUp)
	case *events.CallTerminate:
		if !e.GroupJID.IsEmpty() && e.Reason == "" { // it says nothing of what became of it here; the log will
			return nil
		}
		return i.signalled(ctx, e.BasicCallMeta, statusOfEnd(e.Reason), false)
	}
	return nil
}

// answered takes what another device of the account did with a call; what others do with a call to a group does not matter.
func (i *Instance) answered(ctx context.Context, meta types.BasicCallMeta, status CallStatus) error {
	if i.chatOf(ctx, meta.From) != i.own() {
		return nil
	}
	return i.signalled(ctx, meta, status, false)
}

// statusOfEnd reads why a call stopped ringing. An answered call is not heard of again by linked devices.
func statusOfEnd(reason string) CallStatus {
	switch reason {
	case "accepted_elsewhere":
		return CallPickUp
	case "rejected_elsewhere":
		return CallHungUp
	}
	return CallDeclined
}

// signalled takes what is heard of a call while it goes on.
func (i *Instance) signalled(ctx context.Context, meta types.BasicCallMeta, status CallStatus, video bool) error {
	caller := i.chatOf(ctx, meta.CallCreator, meta.CallCreatorAlt)
	if caller == i.own() {
		return nil
	}
	chat := caller
	if !meta.GroupJID.IsEmpty() {
		chat = ChatIDOf(meta.GroupJID)
	}
	return i.keepCall(ctx, call{Call: store.Call{
		InstanceID: int64(i.ID), ID: meta.CallID, ChatID: string(chat), PeerID: string(caller), Video: video, Status: string(status),
		At: meta.Timestamp,
	}}, true)
}

// receiveCallLog takes a call that the phone has written into its call log.
func (i *Instance) receiveCallLog(ctx context.Context, e *events.AppState) error {
	record := e.GetCallLogAction().GetCallLogRecord()
	if len(e.Index) < 3 || e.Index[0] != appstate.IndexCallLog || record == nil {
		return nil
	}
	c, ended := i.logged(ctx, record, e.Index[1])
	if !ended {
		return nil
	}
	_, linked, err := i.store.HistoryProgress(ctx, int64(i.ID))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return i.keepCall(ctx, c, c.At.After(linked)) // the first sync brings calls of long ago
}

// logged makes a call of an entry of the call log; ended is false for what is no call yet. peer is the other side where the entry does not
// name it.
func (i *Instance) logged(ctx context.Context, r *waSyncAction.CallLogRecord, peer string) (c call, ended bool) {
	outgoing := !r.GetIsIncoming()
	c.logged = true
	c.Call = store.Call{
		InstanceID: int64(i.ID), ID: r.GetCallID(), Outgoing: outgoing, Video: r.GetIsVideo(), Status: string(statusOfResult(r.GetCallResult(), outgoing)),
		Duration: time.Duration(max(0, r.GetDuration())) * time.Second,
	}
	c.At = unixOrMilli(r.GetStartTime()).Add(c.Duration)
	for _, p := range r.GetParticipants() {
		if id := i.chatIDOfText(ctx, p.GetUserJID()); outgoing && id != "" && id != i.own() {
			c.participants = append(c.participants, CallParticipant{id, statusOfResult(p.GetCallResult(), true)})
		}
	}
	other := i.chatIDOfText(ctx, r.GetCallCreatorJID())
	if outgoing || other == "" {
		other = i.chatIDOfText(ctx, peer)
	}
	if other == "" && len(c.participants) > 0 {
		other = c.participants[0].ID
	}
	c.PeerID, c.ChatID = string(other), string(cmp.Or(i.chatIDOfText(ctx, r.GetGroupJID()), other))
	return c, c.ID != "" && c.PeerID != "" && c.Status != ""
}

// unixOrMilli reads a time in seconds, or in milliseconds if it would else lie far ahead.
func unixOrMilli(t int64) time.Time {
	if t > 1<<40 {
		return time.UnixMilli(t)
	}
	return time.Unix(t, 0)
}

// statusOfResult is empty for a call that is still to come or goes on.
func statusOfResult(r waSyncAction.CallLogRecord_CallResult, outgoing bool) CallStatus {
	switch r {
	case waSyncAction.CallLogRecord_CONNECTED, waSyncAction.CallLogRecord_ACCEPTEDELSEWHERE:
		return CallPickUp
	case waSyncAction.CallLogRecord_UPCOMING, waSyncAction.CallLogRecord_ONGOING:
		return ""
	case waSyncAction.CallLogRecord_REJECTED:
		if outgoing {
			return CallDeclined
		}
		return CallHungUp
	case waSyncAction.CallLogRecord_INVALID, waSyncAction.CallLogRecord_FAILED:
		if outgoing {
			return CallInvalid
		}
	default:
	}
	if outgoing { // nobody answered
		return CallHungUp
	}
	return CallDeclined
}

// keepCall stores what is new of a call and queues the notification of it, in one transaction. Of a call there are two notifications at
// most, an offer and an end, however often it is heard of. What the log says of a call that has ended is better known, but no news.
func (i *Instance) keepCall(ctx context.Context, c call, notify bool) error {
	participants, err := json.Marshal(c.participants)
	if err != nil {
		return err
	}
	c.Participants = string(participants)
	settings, about, queued := i.Settings(), i.instanceData(), false
	err = i.store.Update(ctx, func(tx *store.Tx) error {
		known, err := tx.Call(c.InstanceID, c.ID)
		fresh := errors.Is(err, store.ErrNotFound)
		if err != nil && !fresh {
			return err
		}
		rings := CallStatus(known.Status) == CallOffer
		if !fresh && (CallStatus(c.Status) == CallOffer || !rings && !c.logged) {
			return nil
		}
		queued = notify && (fresh || rings)
		if !fresh {
			c.amend(known)
		}
		if err := tx.PutCall(c.Call); err != nil || !queued {
			return err
		}
		return i.notifyUser(tx, c.notification(settings, about))
	})
	if err == nil && queued {
		i.kickNotifications()
	}
	return err
}

// amend adds what is known already: signals come with numbers and tell when ringing ended, the log has LIDs and the duration of the talk.
func (c *call) amend(known store.Call) {
	c.ChatID, c.PeerID, c.Video = known.ChatID, known.PeerID, c.Video || known.Video
	if c.At.Before(known.At) {
		c.At = known.At
	}
}

// notification is empty when the settings do not ask for it.
func (c *call) notification(settings Settings, about instanceData) string {
	var hook any
	switch {
	case c.Outgoing && bool(settings.OutgoingCallWebhook):
		status := CallStatus(c.Status)
		if status == CallDeclined { // said of participants only
			status = CallHungUp
		}
		hook = outgoingCallHook{
			hookOutgoingCall, about, c.At.Unix(), c.ID, ChatID(c.ChatID), c.Video, int64(c.Duration.Seconds()), status, c.participants,
		}
	case !c.Outgoing && bool(settings.IncomingWebhook && settings.IncomingCallWebhook):
		hook = incomingCallHook{ChatID(c.PeerID), hookIncomingCall, about, CallStatus(c.Status), c.At.Unix(), c.ID}
	default:
		return ""
	}
	body, _ := json.Marshal(hook) // plain strings and numbers always have a JSON form
	return string(body)
}

// CallEntry is one call as the journals list it (docs/api/journals/LastIncomingCalls and LastOutgoingCalls). Timestamp, of its end, is in
// Unix seconds, Duration in seconds.
type CallEntry struct {
	Type         string            `json:"type"` // incoming or outgoing
	IDMessage    string            `json:"idMessage"`
	Timestamp    int64             `json:"timestamp"`
	TypeMessage  string            `json:"typeMessage"` // incomingCall or outgoingCall
	ChatID       ChatID            `json:"chatId"`
	Duration     int64             `json:"duration"`
	IsVideo      bool              `json:"isVideo"`
	Status       CallStatus        `json:"status"`
	IsGroup      *bool             `json:"isGroup,omitempty"`      // incoming only
	Participants []CallParticipant `json:"participants,omitempty"` // outgoing only
}

// CallsSince lists the calls of one direction that have ended in the last minutes, newest first; of a day when minutes is 0. The newest
// 10 000 of an instance are kept.
func (i *Instance) CallsSince(ctx context.Context, outgoing bool, minutes int) ([]CallEntry, error) {
	if minutes == 0 {
		minutes = defaultMinutes
	}
	calls, err := i.store.CallsSince(ctx, int64(i.ID), outgoing, time.Now().Add(-time.Duration(minutes)*time.Minute))
	list := make([]CallEntry, 0, len(calls))
	for _, c := range calls {
		e := CallEntry{
			Type: "incoming", IDMessage: c.ID, Timestamp: c.At.Unix(), TypeMessage: hookIncomingCall, ChatID: ChatID(c.ChatID),
			Duration: int64(c.Duration.Seconds()), IsVideo: c.Video, Status: CallStatus(c.Status),
		}
		if outgoing {
			e.Type, e.TypeMessage = "outgoing", hookOutgoingCall
			_ = json.Unmarshal([]byte(c.Participants), &e.Participants) // written by us
		} else {
			group := strings.HasSuffix(c.ChatID, "@g.us")
			e.IsGroup = &group
		}
		list = append(list, e)
	}
	return list, err
}
