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
	client := whatsmeow.NewClient(device, NewWALogger(i.ctx, i.log))
	client.EnableAutoReconnect = false
	client.DisableLoginAutoReconnect = true
	client.SynchronousAck = true
	client.EnableDecryptedEventBuffer = true // a message delivered again can be read again
	client.GetMessageForRetry = i.messageForRetry
	client.BackgroundEventCtx = i.ctx
	http := i.network.httpClient(&i.lastRead)
	client.SetPreLoginHTTPClient(http)
	client.SetWebsocketHTTPClient(http)
	client.SetMediaHTTPClient(http)
	// The device is remembered before whatsmeow saves it, so that a crash in between leaves no session that nobody owns.
	client.PrePairCallback = func(jid types.JID, _, _ string) bool {
		return i.store.SetDevice(context.WithoutCancel(i.ctx), int64(i.ID), jid.String()) == nil
	}
	client.AddEventHandlerWithSuccessStatus(func(event any) bool { return i.handle(client, event) })
	return client
}

// handle takes whatsmeow's events; false keeps a stanza from being acknowledged. Those of a client that was replaced are ignored.
func (i *Instance) handle(client *whatsmeow.Client, event any) bool {
	switch event.(type) {
	case *events.Message, *events.Receipt:
		return i.take(client, event)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if client != i.client {
		return true
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
	case *events.PushNameSetting:
		i.setAccount(client.Store)
	case *events.Picture:
		i.pictureChanged(e)
	case *events.KeepAliveTimeout:
		i.link.restart = i.link.restart || e.ErrorCount > 1
	default:
		i.handleEnd(event)
	}
	i.notify()
	return true
}

// handleEnd takes the events that end a connection.
func (i *Instance) handleEnd(event any) {
	switch e := event.(type) {
	case *events.Disconnected:
		if i.link.phase != phaseIdle {
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

// connected notes that WhatsApp has let us in. whatsmeow says so even if the connection is dropped before it has made sure of it.
func (i *Instance) connected(client *whatsmeow.Client) {
	if i.link.phase != phaseOpen {
		return
	}
	i.link.enter(phaseConnected)
	i.setAccount(client.Store)
	i.setStatus(Status{State: StateAuthorized})
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
