package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"greengate/sandbox"
	"greengate/store"
	"greengate/store/storetest"
)

// BenchmarkSend measures texts sent by whatsmeow over the simulated network, with everything in memory and with this store. The two take
// turns, so that what else the machine does hits both; the medians of the rounds are reported.
func BenchmarkSend(b *testing.B) {
	for _, instances := range []int{1, 8, 200} {
		b.Run(fmt.Sprintf("instances=%d", instances), func(b *testing.B) {
			s := storetest.Open(b)
			inMemory := newSenders(b, instances, newMemoryDevice)
			inStore := newSenders(b, instances, func() *waStore.Device { return s.Devices(newInstance(b, s), nil).NewDevice() })
			perRound := max(instances, 100)
			var memory, stored []float64
			for b.Loop() {
				memory = append(memory, inMemory.round(b, perRound))
				stored = append(stored, inStore.round(b, perRound))
			}
			slices.Sort(memory)
			slices.Sort(stored)
			memorySpeed, storedSpeed := memory[len(memory)/2], stored[len(stored)/2]
			b.ReportMetric(memorySpeed, "memory/s")
			b.ReportMetric(storedSpeed, "store/s")
			b.ReportMetric(100*storedSpeed/memorySpeed, "%")
		})
	}
}

type senders []*sender

func newSenders(b *testing.B, count int, newDevice func() *waStore.Device) senders {
	b.Helper()
	world, err := sandbox.New(sandbox.Options{FewPreKeys: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(world.Close)
	all := make(senders, count)
	for n := range all {
		all[n] = newSender(b, world, n, newDevice())
		b.Cleanup(all[n].Disconnect)
		all[n].send(b, 2)
	}
	return all
}

// round sends so many texts, all senders at once, and returns how many per second.
func (all senders) round(b *testing.B, texts int) float64 {
	start := time.Now()
	var wg sync.WaitGroup
	for n, s := range all {
		wg.Go(func() { s.send(b, (texts+n)/len(all)) })
	}
	wg.Wait()
	return float64(texts) / time.Since(start).Seconds()
}

func newInstance(t testing.TB, s *store.Store) int64 {
	t.Helper()
	id, err := s.CreateInstance(t.Context(), store.Instance{TokenHash: []byte{}, TokenSalt: []byte{}, CreatedAt: time.Now()}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// sender is a whatsmeow client that is linked to a phone of its own, and somebody to write to.
type sender struct {
	*whatsmeow.Client
	to types.JID
}

func newSender(b *testing.B, world *sandbox.World, n int, device *waStore.Device) *sender {
	b.Helper()
	network := world.Network()
	whatsmeow.WACertPubKey = network.RootKey
	own, err := world.AddPhone(fmt.Sprintf("1555000%04d", n), "Ann")
	if err != nil {
		b.Fatal(err)
	}
	other, err := world.AddPhone(fmt.Sprintf("1555111%04d", n), "Bob")
	if err != nil {
		b.Fatal(err)
	}
	client := whatsmeow.NewClient(device, nil)
	client.SynchronousAck, client.EnableDecryptedEventBuffer = true, true
	http := network.HTTPClient()
	client.SetPreLoginHTTPClient(http)
	client.SetWebsocketHTTPClient(http)
	connected := make(chan struct{})
	client.AddEventHandler(func(event any) {
		switch e := event.(type) {
		case *events.QR:
			if err := own.ScanQR(e.Codes[0]); err != nil {
				b.Error(err)
			}
		case *events.Connected:
			close(connected)
		}
	})
	if err := client.Connect(); err != nil {
		b.Fatal(err)
	}
	<-connected
	return &sender{client, other.JID()}
}

func (s *sender) send(b *testing.B, count int) {
	for range count {
		err := store.ErrSessionMoved // by what the sender's own phone says
		for errors.Is(err, store.ErrSessionMoved) {
			_, err = s.SendMessage(context.Background(), s.to, &waE2E.Message{Conversation: proto.String("hello")})
		}
		if err != nil {
			b.Error(err)
			return
		}
	}
}
