package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/whatsmeow/proto/waCert"
	"go.mau.fi/whatsmeow/util/keys"
	"google.golang.org/protobuf/proto"
)

// certificates are what a world proves itself with: TLS to the HTTP client, a Noise certificate chain to whatsmeow.
type certificates struct {
	caPEM      []byte
	pool       *x509.CertPool
	tls        *tls.Config
	noise      *keys.KeyPair
	noiseChain []byte // serialized CertChain for noise
}

// noiseRoot is the key pair that signs the Noise certificates of every world. It is public on purpose: the client library keeps
// its trusted root in one process-wide variable, so all worlds of a process must share it, and nobody should trust it elsewhere.
func noiseRoot() *keys.KeyPair {
	seed := sha256.Sum256([]byte("greengate sandbox: Noise root key, known to everyone"))
	seed[0] &= 248
	seed[31] = seed[31]&127 | 64
	return keys.NewKeyPairFromPrivateKey(seed)
}

func newCertificates() (*certificates, error) {
	c := &certificates{noise: keys.NewKeyPair()}
	if err := c.makeTLS(); err != nil {
		return nil, err
	}
	return c, c.makeNoiseChain()
}

// makeTLS makes a CA of the world's own and a server certificate for WhatsApp's names. Their validity spans the virtual
// time of synctest bubbles, which begins in the year 2000.
func (c *certificates) makeTLS() error {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("generate CA key: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("generate server key: %w", err)
	}
	ca := certTemplate(1, "greengate sandbox CA")
	ca.IsCA, ca.KeyUsage = true, x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return fmt.Errorf("sign CA certificate: %w", err)
	}
	leaf := certTemplate(2, "greengate sandbox")
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leaf.DNSNames = []string{"web.whatsapp.com", "*.whatsapp.com", "*.whatsapp.net", "localhost"}
	leaf.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		return fmt.Errorf("sign server certificate: %w", err)
	}
	c.caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	c.pool = x509.NewCertPool()
	c.pool.AppendCertsFromPEM(c.caPEM)
	c.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER}, PrivateKey: key}}, NextProtos: []string{"http/1.1"}}
	return nil
}

func certTemplate(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:          big.NewInt(serial),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC),
		BasicConstraintsValid: true,
	}
}

// makeNoiseChain signs an intermediate with the root and a leaf, which holds the server's static key, with the intermediate.
func (c *certificates) makeNoiseChain() error {
	middle := keys.NewKeyPair()
	const serial = 1
	intermediate, err := noiseCertificate(noiseRoot(), 0, serial, middle)
	if err != nil {
		return err
	}
	leaf, err := noiseCertificate(middle, serial, serial+1, c.noise)
	if err != nil {
		return err
	}
	c.noiseChain, err = proto.Marshal(&waCert.CertChain{Intermediate: intermediate, Leaf: leaf})
	return err
}

func noiseCertificate(issuer *keys.KeyPair, issuerSerial, serial uint32, subject *keys.KeyPair) (*waCert.CertChain_NoiseCertificate, error) {
	details, err := proto.Marshal(&waCert.CertChain_NoiseCertificate_Details{
		Serial:       proto.Uint32(serial),
		IssuerSerial: proto.Uint32(issuerSerial),
		Key:          subject.Pub[:],
		NotBefore:    proto.Uint64(0),
		NotAfter:     proto.Uint64(uint64(time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC).Unix())),
	})
	if err != nil {
		return nil, fmt.Errorf("encode Noise certificate: %w", err)
	}
	signature := ecc.CalculateSignature(ecc.NewDjbECPrivateKey(*issuer.Priv), details)
	return &waCert.CertChain_NoiseCertificate{Details: details, Signature: signature[:]}, nil
}
