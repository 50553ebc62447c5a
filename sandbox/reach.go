package sandbox

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// wayIn is a Network in a form that can be sent.
type wayIn struct {
	RootKey string `json:"rootKey"` // hex
	Address string `json:"address"`
	CA      string `json:"ca"` // PEM
}

func (w *World) wayIn(wire string) wayIn {
	root := noiseRoot().Pub
	return wayIn{RootKey: hex.EncodeToString(root[:]), Address: wire, CA: string(w.certs.caPEM)}
}

// Reach asks the control API of a sandbox in another process for the way into its network.
func Reach(ctx context.Context, controlURL string) (Network, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, controlURL+"/network", nil)
	if err != nil {
		return Network{}, fmt.Errorf("reach the sandbox: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Network{}, fmt.Errorf("reach the sandbox: %w", err)
	}
	defer response.Body.Close()
	var way wayIn
	if err := json.NewDecoder(io.LimitReader(response.Body, controlBody)).Decode(&way); err != nil {
		return Network{}, fmt.Errorf("reach the sandbox: it answers %s: %w", response.Status, err)
	}
	return way.network()
}

func (way wayIn) network() (Network, error) {
	n := Network{CertPool: x509.NewCertPool()}
	if key, err := hex.DecodeString(way.RootKey); err != nil || copy(n.RootKey[:], key) != len(n.RootKey) {
		return Network{}, errors.New("reach the sandbox: it gave no root key of 32 bytes")
	}
	if !n.CertPool.AppendCertsFromPEM([]byte(way.CA)) {
		return Network{}, errors.New("reach the sandbox: it gave no certificate")
	}
	n.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, way.Address)
	}
	return n, nil
}
