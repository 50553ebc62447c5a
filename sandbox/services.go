package sandbox

import (
	"fmt"
	"net/http"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/store"
)

// addServiceRoutes enters what clients may ask for and this network has none of: channels, bots, orders, push services, terms.
func (w *World) addServiceRoutes() {
	iqs := w.router.iqs
	iqs[iqRoute{"tos", "set", "notice"}] = answerEmpty
	iqs[iqRoute{"urn:xmpp:whatsapp:push", "get", "settings"}] = answerWith(waBinary.Node{Tag: "settings"})
	iqs[iqRoute{"bot", "get", "bot"}] = answerWith(waBinary.Node{Tag: "bot"})
	iqs[iqRoute{"fb:thrift_iq", "get", "order"}] = notFound
	iqs[iqRoute{"newsletter", "set", "live_updates"}] = notFound
	iqs[iqRoute{"newsletter", "get", "messages"}] = notFound
	iqs[iqRoute{"newsletter", "get", "message_updates"}] = notFound
	w.mux.HandleFunc("GET /{$}", serveVersion)
}

func answerWith(n waBinary.Node) iqHandler {
	return func(*session, *waBinary.Node) ([]waBinary.Node, error) { return []waBinary.Node{n}, nil }
}

func notFound(*session, *waBinary.Node) ([]waBinary.Node, error) { return nil, errItemNotFound }

// serveVersion stands for the page of WhatsApp Web, in which clients look for the newest version: here always their own.
func serveVersion(out http.ResponseWriter, _ *http.Request) {
	_, _ = fmt.Fprintf(out, `<script>{"client_revision":%d,"sandbox":true}</script>`, store.GetWAVersion()[2])
}
