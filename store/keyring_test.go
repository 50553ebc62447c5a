package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/session"
	"go.mau.fi/libsignal/util/optional"
	"go.mau.fi/whatsmeow/proto/waAdv"
	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"

	"greengate/store"
	"greengate/store/storetest"
)

var ownJID = types.JID{User: "15550001111", Device: 3, Server: types.DefaultUserServer}

func lidOf(n int) types.JID { return types.NewJID(fmt.Sprint(9000+n), types.HiddenUserServer) }
func numberOf(n int) types.JID {
	return types.NewJID(fmt.Sprint(15550002000+n), types.DefaultUserServer)
}

// paired stores a device as pairing does.
func paired(t testing.TB, device *waStore.Device) *waStore.Device {
	t.Helper()
	id := ownJID
	device.ID, device.LID = &id, lidOf(1)
	device.Account = &waAdv.ADVSignedDeviceIdentity{
		Details: []byte{}, AccountSignature: make([]byte, 64), AccountSignatureKey: make([]byte, 32), DeviceSignature: make([]byte, 64),
	}
	if err := device.Save(context.Background()); err != nil {
		t.Fatal(err)
	}
	return device
}

// plainDevice is a device on nothing but whatsmeow's own store.
func plainDevice(t testing.TB) *waStore.Device {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "plain.db")+"?_pragma=foreign_keys(1)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	container := sqlstore.NewWithDB(db, "sqlite3", nil)
	if err := container.Upgrade(context.Background()); err != nil {
		t.Fatal(err)
	}
	return paired(t, container.NewDevice())
}

var errChanged = errors.New("changed my mind")

// step does one random thing with a device and returns what came out.
type step func(ctx context.Context, d *waStore.Device) any

func randomStep(r *rand.Rand, depth int) step {
	person := r.IntN(4)
	lid := lidOf(person)
	if r.IntN(2) == 0 {
		lid = numberOf(person)
	}
	address := lid.SignalAddress().String()
	other := lidOf(r.IntN(4)).SignalAddress().String()
	value := bytes.Repeat([]byte{byte(r.IntN(3) + 1)}, 32)
	when := time.Unix(r.Int64N(1_000_000), 0)
	steps := []step{
		func(ctx context.Context, d *waStore.Device) any {
			return d.Identities.PutIdentity(ctx, address, [32]byte(value))
		},
		func(ctx context.Context, d *waStore.Device) any {
			return results(d.Identities.IsTrustedIdentity(ctx, address, [32]byte(value)))
		},
		func(ctx context.Context, d *waStore.Device) any { return d.Identities.DeleteIdentity(ctx, address) },
		func(ctx context.Context, d *waStore.Device) any {
			return d.Identities.DeleteAllIdentities(ctx, lid.User)
		},
		func(ctx context.Context, d *waStore.Device) any {
			_, err := d.Sessions.GetSession(ctx, address) // as libsignal does before
			return errors.Join(err, d.Sessions.PutSession(ctx, address, value))
		},
		func(ctx context.Context, d *waStore.Device) any { return results(d.Sessions.GetSession(ctx, address)) },
		func(ctx context.Context, d *waStore.Device) any { return results(d.Sessions.HasSession(ctx, address)) },
		func(ctx context.Context, d *waStore.Device) any {
			return results(d.Sessions.GetManySessions(ctx, []string{address, other}))
		},
		func(ctx context.Context, d *waStore.Device) any {
			_, err := d.Sessions.GetManySessions(ctx, []string{address, other})
			return errors.Join(err, d.Sessions.PutManySessions(ctx, map[string][]byte{address: value, other: value}))
		},
		func(ctx context.Context, d *waStore.Device) any { return d.Sessions.DeleteSession(ctx, address) },
		func(ctx context.Context, d *waStore.Device) any { return d.Sessions.DeleteAllSessions(ctx, lid.User) },
		func(ctx context.Context, d *waStore.Device) any {
			return d.Sessions.MigratePNToLID(ctx, numberOf(person), lidOf(person))
		},
		func(ctx context.Context, d *waStore.Device) any {
			return d.SenderKeys.PutSenderKey(ctx, "1@g.us", address, value)
		},
		func(ctx context.Context, d *waStore.Device) any {
			return results(d.SenderKeys.GetSenderKey(ctx, "1@g.us", address))
		},
		func(ctx context.Context, d *waStore.Device) any {
			return d.PrivacyTokens.PutPrivacyTokens(ctx, waStore.PrivacyToken{User: lid, Token: value, Timestamp: when})
		},
		func(ctx context.Context, d *waStore.Device) any {
			return results(d.PrivacyTokens.GetPrivacyToken(ctx, lid))
		},
		func(ctx context.Context, d *waStore.Device) any {
			return results(d.PrivacyTokens.DeleteExpiredPrivacyTokens(ctx, when))
		},
		func(ctx context.Context, d *waStore.Device) any { return d.NCTSalt.PutNCTSalt(ctx, value) },
		func(ctx context.Context, d *waStore.Device) any { return results(d.NCTSalt.GetNCTSalt(ctx)) },
		func(ctx context.Context, d *waStore.Device) any { return d.NCTSalt.DeleteNCTSalt(ctx) },
	}
	if depth == 0 { // whatsmeow uses these outside of transactions only
		other := lidOf(r.IntN(4))
		name := string('a' + rune(r.IntN(3)))
		steps = append(steps,
			func(ctx context.Context, d *waStore.Device) any {
				changed, before, err := d.Contacts.PutPushName(ctx, lid, name)
				return []any{changed, before, err}
			},
			func(ctx context.Context, d *waStore.Device) any {
				changed, before, err := d.Contacts.PutBusinessName(ctx, lid, name)
				return []any{changed, before, err}
			},
			func(ctx context.Context, d *waStore.Device) any {
				return d.Contacts.PutContactName(ctx, lid, name, name)
			},
			func(ctx context.Context, d *waStore.Device) any {
				return d.Contacts.PutAllContactNames(ctx, []waStore.ContactEntry{{JID: lid, FirstName: name, FullName: name}})
			},
			func(ctx context.Context, d *waStore.Device) any {
				return d.Contacts.PutManyRedactedPhones(ctx, []waStore.RedactedPhoneEntry{{JID: lid, RedactedPhone: name}})
			},
			func(ctx context.Context, d *waStore.Device) any { return results(d.Contacts.GetContact(ctx, lid)) },
			func(ctx context.Context, d *waStore.Device) any { return results(d.Contacts.GetContact(ctx, other)) },
			func(ctx context.Context, d *waStore.Device) any {
				return d.LIDs.PutLIDMapping(ctx, other, numberOf(person))
			},
			func(ctx context.Context, d *waStore.Device) any {
				return results(d.LIDs.GetLIDForPN(ctx, numberOf(person)))
			},
			func(ctx context.Context, d *waStore.Device) any {
				return results(d.LIDs.GetPNForLID(ctx, lidOf(person)))
			},
			func(ctx context.Context, d *waStore.Device) any {
				return results(d.LIDs.GetManyLIDsForPNs(ctx, []types.JID{numberOf(person), numberOf(1)}))
			},
			transaction(r), transaction(r), transaction(r),
		)
	}
	return steps[r.IntN(len(steps))]
}

// transaction is a few steps that all count, or none.
func transaction(r *rand.Rand) step {
	inner := make([]step, 1+r.IntN(4))
	for n := range inner {
		inner[n] = randomStep(r, 1)
	}
	keep := r.IntN(2) == 0
	return func(ctx context.Context, d *waStore.Device) any {
		var all []any
		err := d.EventBuffer.DoDecryptionTxn(ctx, func(ctx context.Context) error {
			for _, do := range inner {
				all = append(all, do(ctx, d))
			}
			if keep {
				return nil
			}
			return errChanged
		})
		return append(all, err)
	}
}

func results[T any](value T, err error) any { return []any{value, err} }

// Whatever whatsmeow does with a device comes out as with its own store.
func TestKeyringDoesAsWhatsmeowsStore(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	s := storetest.Open(t)
	ours := paired(t, s.Devices(newInstance(t, s), nil).NewDevice())
	plain := plainDevice(t)
	for n := range 1500 {
		do := randomStep(r, 0)
		got, want := do(t.Context(), ours), do(t.Context(), plain)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d, step %d: %v, with whatsmeow's own store %v", seed, n, got, want)
		}
	}
}

func TestADeviceThatIsGoneLeavesNothing(t *testing.T) {
	s := storetest.Open(t)
	devices := s.Devices(newInstance(t, s), nil)
	first := paired(t, devices.NewDevice())
	ctx := t.Context()
	_, err := first.Sessions.GetSession(ctx, "1:0")
	err = errors.Join(
		err, first.Sessions.PutSession(ctx, "1:0", []byte{1}), first.Identities.PutIdentity(ctx, "1:0", [32]byte{1}),
		first.SenderKeys.PutSenderKey(ctx, "g", "1:0", []byte{1}), first.NCTSalt.PutNCTSalt(ctx, []byte{1}),
		first.LIDs.PutLIDMapping(ctx, lidOf(2), numberOf(2)), first.Delete(ctx),
	)
	if err != nil {
		t.Fatal(err)
	}
	second := paired(t, devices.NewDevice())
	session, err1 := second.Sessions.GetSession(ctx, "1:0")
	trusted, err2 := second.Identities.IsTrustedIdentity(ctx, "1:0", [32]byte{2})
	key, err3 := second.SenderKeys.GetSenderKey(ctx, "g", "1:0")
	salt, err4 := second.NCTSalt.GetNCTSalt(ctx)
	lid, err5 := second.LIDs.GetLIDForPN(ctx, numberOf(2))
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	if session != nil || !trusted || key != nil || salt != nil || !lid.IsEmpty() {
		t.Errorf("left are %v %v %v %v %v", session, trusted, key, salt, lid)
	}
}

// What one tenant's account has met is not told to another's, in this process or after a restart.
func TestPairsOfLIDAndNumberBelongToOneInstance(t *testing.T) {
	dsn := storetest.DSN(t)
	s := open(t, dsn)
	one, two := newInstance(t, s), newInstance(t, s)
	device := paired(t, s.Devices(one, nil).NewDevice())
	if err := device.LIDs.PutLIDMapping(t.Context(), lidOf(2), numberOf(2)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for instance, known := range map[int64]bool{one: true, two: false} {
			device, err := s.Devices(instance, nil).GetDevice(t.Context(), ownJID)
			if err != nil {
				t.Fatal(err)
			}
			number, err := device.LIDs.GetPNForLID(t.Context(), lidOf(2))
			if err != nil || number.IsEmpty() == known {
				t.Errorf("instance %d is told %q, %v", instance, number, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dsn)
	}
}

func open(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), dsn, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Connecting again and again uses up neither connections nor tables.
func TestReconnectingLeavesNothingBehind(t *testing.T) {
	s := storetest.Open(t)
	instance := newInstance(t, s)
	paired(t, s.Devices(instance, nil).NewDevice())
	tables := s.Tables(t)
	for range 100 {
		device, err := s.Devices(instance, nil).GetDevice(t.Context(), ownJID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := device.Sessions.GetSession(t.Context(), "1:0"); err != nil {
			t.Fatal(err)
		}
		if err := device.Sessions.PutSession(t.Context(), "1:0", []byte{1}); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Tables(t); !slices.Equal(got, tables) {
		t.Errorf("tables %v, were %v", got, tables)
	}
	if open := s.OpenConnections(); open > 4 {
		t.Errorf("%d connections are open", open)
	}
}

// The race detector finds nothing when a person is looked up while their messages change their name.
func TestContactsAreReadWhileTheyAreWritten(t *testing.T) {
	s := storetest.Open(t)
	device := paired(t, s.Devices(newInstance(t, s), nil).NewDevice())
	var both sync.WaitGroup
	both.Go(func() {
		for n := range 50 {
			if _, _, err := device.Contacts.PutPushName(t.Context(), lidOf(1), strconv.Itoa(n)); err != nil {
				t.Error(err)
			}
		}
	})
	both.Go(func() {
		for range 50 {
			if _, err := device.Contacts.GetContact(t.Context(), lidOf(1)); err != nil {
				t.Error(err)
			}
		}
	})
	both.Wait()
	if known, err := device.Contacts.GetContact(t.Context(), lidOf(1)); err != nil || known.PushName != "49" {
		t.Errorf("%+v %v", known, err)
	}
}

// Who has read a session outside of a transaction cannot put it back once somebody else has used it.
func TestASessionThatHasMovedOnIsNotPutBack(t *testing.T) {
	s := storetest.Open(t)
	d := paired(t, s.Devices(newInstance(t, s), nil).NewDevice())
	ctx := t.Context()
	one, two := lidOf(1).SignalAddress().String(), lidOf(2).SignalAddress().String()
	put := func(value byte) error {
		return d.Sessions.PutManySessions(ctx, map[string][]byte{one: {value}, two: {value}})
	}
	for name, meanwhile := range map[string]func() error{
		"a message was received": func() error {
			return d.EventBuffer.DoDecryptionTxn(ctx, func(ctx context.Context) error { return d.Sessions.PutSession(ctx, two, []byte{9}) })
		},
		"it was deleted":           func() error { return d.Sessions.DeleteSession(ctx, two) },
		"all were deleted":         func() error { return d.Sessions.DeleteAllSessions(ctx, lidOf(2).SignalAddressUser()) },
		"it was moved to a LID":    func() error { return d.Sessions.MigratePNToLID(ctx, numberOf(2), lidOf(2)) },
		"another message was sent": func() error { return put(8) },
	} {
		if _, err := d.Sessions.GetManySessions(ctx, []string{one, two}); err != nil {
			t.Fatal(err)
		}
		if err := meanwhile(); err != nil {
			t.Fatal(name, err)
		}
		if err := put(7); !errors.Is(err, store.ErrSessionMoved) {
			t.Errorf("%s: %v", name, err)
		}
		if session, err := d.Sessions.GetSession(ctx, one); err != nil || string(session) == "\x07" {
			t.Errorf("%s: put %v %v", name, session, err)
		}
	}
	if _, err := d.Sessions.GetManySessions(ctx, []string{one, two}); err != nil {
		t.Fatal(err)
	}
	if err := put(7); err != nil {
		t.Error(err)
	}
}

// Two who write to each other first at the same time have two sessions, and what was sent in either can be read, also late.
func TestSessionsThatCross(t *testing.T) {
	s := storetest.Open(t)
	ann := paired(t, s.Devices(newInstance(t, s), nil).NewDevice())
	bob := plainDevice(t)
	toAnn, toBob := meets(t, bob, ann), meets(t, ann, bob)
	fromAnn, fromBob := toBob("1"), []*encrypted{toAnn("2"), toAnn("3"), toAnn("4")}
	reads(t, ann, bob, fromBob[0], "2")
	reads(t, bob, ann, fromAnn, "1")
	reads(t, ann, bob, toAnn("5"), "5")
	reads(t, ann, bob, fromBob[2], "4")
	reads(t, ann, bob, toAnn("6"), "6")
	reads(t, ann, bob, fromBob[1], "3")
	reads(t, bob, ann, toBob("7"), "7")
	reads(t, ann, bob, toAnn("8"), "8")
}

type encrypted struct {
	first bool
	bytes []byte
}

// meets opens a session from the key bundle of another device, and returns what encrypts for it.
func meets(t *testing.T, from, to *waStore.Device) func(text string) *encrypted {
	t.Helper()
	address, serializer := addressOf(to), waStore.SignalProtobufSerializer
	key, err := to.PreKeys.GenOnePreKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	builder := session.NewBuilderFromSignal(from, address, serializer)
	err = builder.ProcessBundle(t.Context(), prekey.NewBundle(to.RegistrationID, 0, optional.NewOptionalUint32(key.KeyID), to.SignedPreKey.KeyID,
		ecc.NewDjbECPublicKey(*key.Pub), ecc.NewDjbECPublicKey(*to.SignedPreKey.Pub), *to.SignedPreKey.Signature,
		identity.NewKey(ecc.NewDjbECPublicKey(*to.IdentityKey.Pub))))
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) *encrypted {
		t.Helper()
		message, err := session.NewCipher(builder, address).Encrypt(t.Context(), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return &encrypted{message.Type() == protocol.PREKEY_TYPE, message.Serialize()}
	}
}

func reads(t *testing.T, device, from *waStore.Device, e *encrypted, want string) {
	t.Helper()
	serializer := waStore.SignalProtobufSerializer
	cipher := session.NewCipher(session.NewBuilderFromSignal(device, addressOf(from), serializer), addressOf(from))
	var got []byte
	err := device.EventBuffer.DoDecryptionTxn(t.Context(), func(ctx context.Context) error {
		if e.first {
			message, err := protocol.NewPreKeySignalMessageFromBytes(e.bytes, serializer.PreKeySignalMessage, serializer.SignalMessage)
			if err != nil {
				return err
			}
			got, err = cipher.DecryptMessage(ctx, message)
			return err
		}
		message, err := protocol.NewSignalMessageFromBytes(e.bytes, serializer.SignalMessage)
		if err != nil {
			return err
		}
		got, err = cipher.Decrypt(ctx, message)
		return err
	})
	if err != nil || string(got) != want {
		t.Fatalf("read %q, want %q: %v", got, want, err)
	}
}

func addressOf(d *waStore.Device) *protocol.SignalAddress {
	return protocol.NewSignalAddress(fmt.Sprint(d.RegistrationID), 0)
}
