package instance

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow"
	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

const outdatedRetry = 10 * time.Minute

// newClient makes a whatsmeow client for a device. It reconnects nothing by itself: the supervisor does. The caller holds i.mu.
func (i *Instance) newClient(device *waStore.Device) *whatsmeow.Client {
	openAudience(device)
	client := whatsmeow.NewClient(device, NewWALogger(i.ctx, i.log))
	client.EnableAutoReconnect = false
	client.DisableLoginAutoReconnect = true
	client.SynchronousAck = true
	client.EnableDecryptedEventBuffer = true   // a message delivered again can be read again
	client.EmitAppStateEventsOnFullSync = true // labels and the archive are known from the first moment
	client.ManualHistorySyncDownload = true
	client.DisableManualHistorySyncReceipt = true
	client.GetMessageForRetry = i.messageForRetry
	client.BackgroundEventCtx = i.ctx
	http := i.httpClient()
	client.SetPreLoginHTTPClient(http)
	client.SetWebsocketHTTPClient(http)
	client.SetMediaHTTPClient(boundedHTTP(http))
	// The device is remembered before whatsmeow saves it, so that a crash in between leaves no session that nobody owns.
	client.PrePairCallback = func(jid types.JID, _, _ string) bool {
		return i.store.LinkDevice(context.WithoutCancel(i.ctx), int64(i.ID), jid.String(), time.Now()) == nil
	}
	client.AddEventHandlerWithSuccessStatus(func(event any) bool { return i.handle(client, event) })
	return client
}

// handle takes whatsmeow's events; false keeps a stanza from being acknowledged. Those of a client that was replaced are ignored.
func (i *Instance) handle(client *whatsmeow.Client, event any) bool {
	switch e := event.(type) {
	case *events.Message, *events.UndecryptableMessage, *events.Receipt, *events.NotifyAccountReachoutTimelock:
		if announcesHistory(event) {
			return i.insist(client, event)
		}
		return i.take(client, event)
	case *events.CallOffer, *events.CallOfferNotice, *events.CallAccept, *events.CallReject, *events.CallTerminate, *events.AppState, *events.Blocklist:
		return i.insist(client, event)
	case *events.MediaRetry:
		i.reuploads.arrive(e)
		return true
	case *events.Archive, *events.MarkChatAsRead, *events.LabelEdit:
		if i.uses(client) {
			i.followChats(event)
		}
		return true
	}
	i.follow(client, event)
	switch event.(type) {
	case *events.JoinedGroup, *events.GroupInfo:
		i.followChats(event)
	}
	return true
}

// follow takes the events that only change what is known of the account and its connection.
func (i *Instance) follow(client *whatsmeow.Client, event any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if client != i.client || i.ended { // once it has ended, the store may be closed
		return
	}
	switch e := event.(type) {
	case *events.QR:
		i.pairing.show(e.Codes)
	case *events.PairSuccess:
		i.paired(client, e.ID)
	case *events.PairError:
		i.pairingFailed("pairing failed; scan a new code", e.Error)
	case *events.PairPasskeyRequest:
		i.pairing.passkey = true
		i.pairingFailed(passkeyReason, nil)
	case *events.ManualLoginReconnect:
		i.link.restart = true
	case *events.Connected:
		i.connected(client)
	case *events.PushNameSetting, *events.AppStateSyncComplete: // the first sync brings the name without an event of its own
		i.setAccount(client.Store)
		i.startBackground(i.showPresence)
	case *events.Picture:
		i.pictureChanged(e)
	case *events.GroupInfo, *events.JoinedGroup:
		i.groups.follow(event)
	case *events.KeepAliveTimeout:
		i.link.restart = i.link.restart || e.ErrorCount > 1
	default:
		i.handleEnd(event)
	}
	i.notify()
}

// handleEnd takes the events that end a connection.
func (i *Instance) handleEnd(event any) {
	switch e := event.(type) {
	case *events.Disconnected:
		if i.link.hungUp != nil {
			close(i.link.hungUp)
			i.link.hungUp = nil
		} else if i.link.phase != phaseIdle {
			i.link.backOff()
		}
	case *events.LoggedOut:
		i.loggedOut(e.Reason)
	case *events.StreamReplaced:
		i.hold(Status{State: StateSleepMode, Reason: "another program uses this session; stop it there, then call reboot"})
	case *events.TemporaryBan:
		until := time.Now().Add(e.Expire).Truncate(time.Second)
		i.link.enter(phaseIdle)
		i.link.notBefore = until
		i.setStatus(Status{State: StateSuspended, SuspendedUntil: until, Reason: "WhatsApp has suspended the account: " + e.Code.String()})
	case *events.ClientOutdated:
		i.link.enter(phaseIdle)
		i.link.notBefore = time.Now().Add(outdatedRetry)
		i.setStatus(Status{State: StateStarting, Reason: "WhatsApp refuses this version of greengate as outdated; update it"})
	case *events.ConnectFailure:
		i.link.backOff()
		i.setStatus(Status{State: StateStarting, Reason: fmt.Sprintf("WhatsApp refuses the connection (%d); trying again", e.Reason)})
	case *events.StreamError:
		i.link.restart = true
	}
}

// connected follows that WhatsApp has let us in. After a pairing this can overtake the word that the device is linked; and it can come
// when the connection was given up already.
func (i *Instance) connected(client *whatsmeow.Client) {
	if i.link.phase == phaseIdle {
		return
	}
	if i.deviceJID.IsEmpty() && client.Store.ID != nil {
		i.paired(client, *client.Store.ID)
	}
	i.link.enter(phaseConnected)
	i.setAccount(client.Store)
	i.setStatus(i.connectedStatus())
	i.kickOutbox()
	i.startBackground(i.showPresence)
}

// loggedOut follows WhatsApp's word that the device is no longer linked; whatsmeow has deleted its rows.
func (i *Instance) loggedOut(reason events.ConnectFailureReason) {
	switch reason {
	case events.ConnectFailureMainDeviceGone, events.ConnectFailureUnknownLogout:
		i.unpair(Status{State: StateBlocked, Reason: "WhatsApp has banned or locked the account; look into WhatsApp on the phone"})
	default:
		i.unpair(Status{State: StateNotAuthorized, Reason: "the device was unlinked on the phone; link the account again"})
	}
}

// hold stays disconnected until a person acts.
func (i *Instance) hold(status Status) {
	i.link.enter(phaseIdle)
	i.link.held = true
	i.setStatus(status)
}
