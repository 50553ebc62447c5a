package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"greengate/sandbox"
	"greengate/store"
)

// BenchmarkSend measures texts sent by whatsmeow over the simulated network, with everything in memory and with this store.
func BenchmarkSend(b *testing.B) {
	for _, instances := range []int{1, 8, 200} {
		b.Run(fmt.Sprintf("instances=%d/memory", instances), func(b *testing.B) {
			benchmarkSend(b, instances, func(int) *waStore.Device { return newMemoryDevice() })
		})
		b.Run(fmt.Sprintf("instances=%d/store", instances), func(b *testing.B) {
			s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "greengate.db"), nil)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.Close() })
			benchmarkSend(b, instances, func(int) *waStore.Device { return s.Devices().NewDevice() })
		})
	}
}

func benchmarkSend(b *testing.B, instances int, newDevice func(n int) *waStore.Device) {
	world, err := sandbox.New(sandbox.Options{FewPreKeys: true})
	if err != nil {
		b.Fatal(err)
	}
	defer world.Close()
	senders := make([]*sender, instances)
	for n := range senders {
		senders[n] = newSender(b, world, n, newDevice(n))
		defer senders[n].Disconnect()
		senders[n].send(b, 2)
	}
	b.ResetTimer()
	var wg sync.WaitGroup
	for n, s := range senders {
		wg.Go(func() { s.send(b, (b.N+n)/instances) })
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
	b.ReportMetric(0, "ns/op")
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
		if _, err := s.SendMessage(context.Background(), s.to, &waE2E.Message{Conversation: proto.String("hello")}); err != nil {
			b.Error(err)
			return
		}
	}
}
