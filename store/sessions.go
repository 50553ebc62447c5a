package store

import (
	"bytes"
	"slices"

	"go.mau.fi/libsignal/state/record"
	waStore "go.mau.fi/whatsmeow/store"
)

// mended is a session as it has to be kept after a message was decrypted with it. Two devices that begin to write to each other at the same
// time have two sessions; libsignal tries them one after the other, and leaves those that do not fit as they are after the attempt, of no
// use for what is still to come in them. They stay as they were before.
func mended(before, after []byte) []byte {
	serializer := waStore.SignalProtobufSerializer.Session
	old, err := serializer.Deserialize(before)
	if err != nil || len(before) == 0 || len(old.PreviousStates) == 0 {
		return after
	}
	now, err := serializer.Deserialize(after)
	if err != nil {
		return after
	}
	used := func(s *record.StateStructure) bool {
		return bytes.Equal(s.SenderBaseKey, now.SessionState.SenderBaseKey)
	}
	if used(old.SessionState) || !slices.ContainsFunc(old.PreviousStates, used) {
		return after
	}
	now.PreviousStates = append([]*record.StateStructure{old.SessionState}, slices.DeleteFunc(old.PreviousStates, used)...)
	return serializer.Serialize(now)
}
