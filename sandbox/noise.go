package sandbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"go.mau.fi/whatsmeow/proto/waWa6"
	"go.mau.fi/whatsmeow/util/keys"
	"golang.org/x/crypto/curve25519"
	"google.golang.org/protobuf/proto"
)

// noiseState is the symmetric state of a Noise handshake: a running hash, a chaining key and the cipher of the current step.
type noiseState struct {
	hash [32]byte
	salt []byte
	step noiseCipher
}

// noiseCipher is AES-256-GCM with a counter for nonce.
type noiseCipher struct {
	aead    cipher.AEAD
	counter uint32
}

func newNoiseCipher(key []byte) (noiseCipher, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return noiseCipher{}, err
	}
	aead, err := cipher.NewGCM(block)
	return noiseCipher{aead: aead}, err
}

func (c *noiseCipher) nonce() []byte {
	nonce := binary.BigEndian.AppendUint32(make([]byte, 8, 12), c.counter)
	c.counter++
	return nonce
}

func (c *noiseCipher) seal(plain, data []byte) []byte {
	return c.aead.Seal(nil, c.nonce(), plain, data)
}

func (c *noiseCipher) open(sealed, data []byte) ([]byte, error) {
	return c.aead.Open(nil, c.nonce(), sealed, data)
}

func newNoiseState(prologue []byte) (*noiseState, error) {
	n := &noiseState{}
	copy(n.hash[:], "Noise_XX_25519_AESGCM_SHA256\x00\x00\x00\x00")
	n.salt = append(n.salt, n.hash[:]...)
	var err error
	n.step, err = newNoiseCipher(n.salt)
	n.mixHash(prologue)
	return n, err
}

func (n *noiseState) mixHash(data []byte) {
	n.hash = sha256.Sum256(append(n.hash[:], data...))
}

func (n *noiseState) seal(plain []byte) []byte {
	sealed := n.step.seal(plain, n.hash[:])
	n.mixHash(sealed)
	return sealed
}

func (n *noiseState) open(sealed []byte) ([]byte, error) {
	plain, err := n.step.open(sealed, n.hash[:])
	n.mixHash(sealed)
	return plain, err
}

// mixKey takes the secret shared by two keys into the chain and starts the cipher of the next step.
func (n *noiseState) mixKey(private *keys.KeyPair, public []byte) error {
	secret, err := curve25519.X25519(private.Priv[:], public)
	if err != nil {
		return err
	}
	salt, key, err := n.expand(secret)
	if err != nil {
		return err
	}
	n.salt = salt
	n.step, err = newNoiseCipher(key)
	return err
}

func (n *noiseState) expand(secret []byte) (first, second []byte, err error) {
	both, err := hkdf.Key(sha256.New, secret, n.salt, "", 64)
	if err != nil {
		return nil, nil, err
	}
	return both[:32], both[32:], nil
}

// hello is what a handshake has settled: who the client is and the ciphers of both directions.
type hello struct {
	payload   *waWa6.ClientPayload
	clientKey [32]byte // the client's static key, which identifies a paired device
	in, out   noiseCipher
}

var errHandshake = errors.New("malformed handshake message")

// handshake plays the server's part of Noise XX after the connection's intro. write sends the body of one frame.
func (c *certificates) handshake(r io.Reader, write func(body []byte) error, prologue []byte) (*hello, error) {
	n, err := newNoiseState(prologue)
	if err != nil {
		return nil, err
	}
	message, err := readHandshake(r)
	if err != nil {
		return nil, err
	}
	clientEphemeral := message.GetClientHello().GetEphemeral()
	ephemeral := keys.NewKeyPair()
	answer, err := c.serverHello(n, ephemeral, clientEphemeral)
	if err != nil {
		return nil, err
	}
	if err := write(answer); err != nil {
		return nil, err
	}
	if message, err = readHandshake(r); err != nil {
		return nil, err
	}
	return n.finish(ephemeral, message.GetClientFinish())
}

func readHandshake(r io.Reader) (*waWa6.HandshakeMessage, error) {
	body, err := readFrame(r, maxHello)
	if err != nil {
		return nil, err
	}
	var message waWa6.HandshakeMessage
	if err := proto.Unmarshal(body, &message); err != nil {
		return nil, errHandshake
	}
	return &message, nil
}

func (c *certificates) serverHello(n *noiseState, ephemeral *keys.KeyPair, clientEphemeral []byte) ([]byte, error) {
	n.mixHash(clientEphemeral)
	n.mixHash(ephemeral.Pub[:])
	if err := n.mixKey(ephemeral, clientEphemeral); err != nil {
		return nil, fmt.Errorf("%w: %w", errHandshake, err)
	}
	static := n.seal(c.noise.Pub[:])
	if err := n.mixKey(c.noise, clientEphemeral); err != nil {
		return nil, err
	}
	return proto.Marshal(&waWa6.HandshakeMessage{ServerHello: &waWa6.HandshakeMessage_ServerHello{
		Ephemeral: ephemeral.Pub[:],
		Static:    static,
		Payload:   n.seal(c.noiseChain),
	}})
}

func (n *noiseState) finish(ephemeral *keys.KeyPair, last *waWa6.HandshakeMessage_ClientFinish) (*hello, error) {
	static, err := n.open(last.GetStatic())
	if err != nil || len(static) != 32 {
		return nil, errHandshake
	}
	if err := n.mixKey(ephemeral, static); err != nil {
		return nil, errHandshake
	}
	plain, err := n.open(last.GetPayload())
	if err != nil {
		return nil, errHandshake
	}
	h := &hello{payload: &waWa6.ClientPayload{}, clientKey: [32]byte(static)}
	if err := proto.Unmarshal(plain, h.payload); err != nil {
		return nil, errHandshake
	}
	in, out, err := n.expand(nil)
	if err != nil {
		return nil, err
	}
	if h.in, err = newNoiseCipher(in); err != nil {
		return nil, err
	}
	h.out, err = newNoiseCipher(out)
	return h, err
}
