// Package sandbox is a simulated WhatsApp network that speaks the real wire protocol: WebSocket, Noise XX and binary XML.
// An unmodified whatsmeow client pairs with it, logs in, and sends and receives, so programs can be run and tested without a phone.
//
// Concurrency: one mutex, World.mu, guards all state. A stanza is handled from start to end under it, and what a handler sends is
// put on the receiving session's unbounded queue, which a writer goroutine of that session drains. So no handler ever blocks on a
// socket, the order in which stanzas take effect is the order in which they were handled, and handlers need no locks of their own.
// Exported methods of World and Phone take the mutex; unexported ones expect it to be held.
//
// What the network understands is one table, World.router, filled in New: each subject's file has a function addXRoutes, called by
// addRoutes, that enters its handlers by what they answer. What is not in the table is answered 501 and listed by Unknown.
// A handler's result is sent when it returns; what must follow the result goes through World.after(0, ...).
//
// Attributes that are JIDs must be types.JID, all others strings, and contents bytes or nodes: the client compares typed values.
package sandbox
