package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
	"greengate/sandbox"
)

// methodPause is longer than what the slowest rate asks for.
const methodPause = 1100 * time.Millisecond

// pass lets virtual time go by.
func pass(d time.Duration) { <-time.After(d) }

func (s *stack) wantStatus(state instance.State, reason string) {
	s.t.Helper()
	synctest.Wait()
	if got := s.instance().Status(); got.State != state || !strings.Contains(got.Reason, reason) {
		s.t.Errorf("%+v, want %s because of %q", got, state, reason)
	}
}

func (s *stack) device() uint16 {
	s.t.Helper()
	devices := s.phone.Devices()
	if len(devices) != 1 {
		s.t.Fatalf("the phone has %d devices", len(devices))
	}
	return devices[0].ID
}

func TestRestartKeepsTheAccount(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.post(s.method("setSettings"), `{"stateWebhook":"yes"}`)
		s.restart()
		s.await(instance.StateAuthorized)
		if got := s.get(s.method("getSettings")).body; !strings.Contains(got, `"stateWebhook":"yes"`) || !strings.Contains(got, ownNumber) {
			t.Error(got)
		}
		synctest.Wait()
	})
}

func TestAShortDropChangesNothing(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.must(s.phone.Kick(s.device(), sandbox.KickCut))
		s.wantStatus(instance.StateAuthorized, "")
		if !s.instance().Online() {
			t.Error("not online after a drop")
		}
	})
}

func TestALongOutageIsToldAndOvercome(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultConnect, Code: 503, Count: -1}))
		s.must(s.phone.Kick(s.device(), sandbox.KickCut))
		pass(5 * time.Second)
		if s.instance().Online() {
			t.Error("online without a connection")
		}
		pass(time.Minute)
		s.wantStatus(instance.StateStarting, "reconnecting")
		if a := s.upload("setProfilePicture", smallPhoto(t)); a.status != 400 || a.body != "instance in starting process try later" {
			t.Errorf("%d %s", a.status, a.body)
		}
		before := strings.Count(s.logs.String(), "Got 503")
		pass(time.Hour)
		if tries := strings.Count(s.logs.String(), "Got 503") - before; tries < 50 || tries > 80 {
			t.Errorf("%d attempts in an hour, want about one a minute", tries)
		}
		s.world.ClearFaults()
		s.await(instance.StateAuthorized)
		synctest.Wait()
	})
}

func TestADeadLineIsNoticed(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.must(s.phone.Kick(s.device(), sandbox.KickSilence))
		pass(80 * time.Second)
		synctest.Wait()
		if connects := strings.Count(s.logs.String(), "Successfully authenticated"); connects != 2 && s.instance().Online() {
			t.Errorf("online after %d logins over a line that says nothing", connects)
		}
		pass(time.Minute)
		s.wantStatus(instance.StateAuthorized, "")
		if !s.instance().Online() {
			t.Error("not online again")
		}
	})
}

// WhatsApp ends the connection after a pairing and expects the client back. When that word is lost on the way, nobody but the
// supervisor reconnects.
func TestPairingSurvivesALostEndOfConnection(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultPairingDrop}))
		s.link()
	})
}

func TestACallKeepsItsDeadlineWhileTheConnectionIsAway(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultConnect, Code: 503, Count: 8}))
		s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultIQDisconnect, Match: "w:profile:picture set"}))
		start := time.Now()
		a := s.upload("setProfilePicture", smallPhoto(t))
		if took := time.Since(start); took > 12*time.Second || a.status != 400 {
			t.Errorf("%d %s after %v", a.status, a.body, took)
		}
		s.await(instance.StateAuthorized)
		synctest.Wait()
	})
}

func TestEndsOfASession(t *testing.T) {
	for _, test := range []struct {
		name   string
		end    func(*stack)
		state  instance.State
		reason string
	}{
		{"unlinked", func(s *stack) { s.phone.UnlinkAll() }, instance.StateNotAuthorized, "unlinked on the phone"},
		{"banned", func(s *stack) { s.must(s.world.Ban(ownNumber)) }, instance.StateBlocked, "banned"},
		{"replaced", func(s *stack) { s.must(s.phone.Kick(s.device(), sandbox.KickReplaced)) }, instance.StateSleepMode, "another program"},
		{"suspended", func(s *stack) { s.must(s.world.BanFor(ownNumber, time.Hour, 101)) }, instance.StateSuspended, "suspended"},
		{"outdated", func(s *stack) {
			s.world.Outdate(true)
			s.must(s.phone.Kick(s.device(), sandbox.KickCut))
		}, instance.StateStarting, "outdated"},
		{"unlinked while offline", func(s *stack) {
			s.stop()
			s.phone.UnlinkAll()
			s.start()
		}, instance.StateNotAuthorized, "unlinked on the phone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				test.end(s)
				s.await(test.state)
				s.wantStatus(test.state, test.reason)
				if s.instance().Online() {
					t.Error("online")
				}
				s.restart()
				s.wantStatus(test.state, "")
			})
		})
	}
}

func TestASuspensionEndsByItself(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.must(s.world.BanFor(ownNumber, time.Hour, 101))
		s.await(instance.StateSuspended)
		if got := s.get(s.method("getWaSettings")).body; !strings.Contains(got, fmt.Sprintf(`"suspendedUntil":%d`, time.Now().Add(time.Hour).Unix())) {
			t.Error(got)
		}
		pass(time.Hour + time.Minute)
		s.wantStatus(instance.StateAuthorized, "")
	})
}

func TestRebootTakesAReplacedSessionBack(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		s.must(s.phone.Kick(s.device(), sandbox.KickReplaced))
		s.await(instance.StateSleepMode)
		pass(time.Hour)
		s.wantStatus(instance.StateSleepMode, "reboot")
		s.get(s.method("reboot"))
		s.await(instance.StateAuthorized)
		synctest.Wait()
	})
}

func TestAnAccountCanBeLinkedAgainAfterItsSessionEnded(t *testing.T) {
	for name, end := range map[string]func(*stack){
		"logout":   func(s *stack) { s.get(s.method("logout")) },
		"unlinked": func(s *stack) { s.phone.UnlinkAll() },
		"logout while offline": func(s *stack) {
			s.must(s.world.Inject(sandbox.Fault{Kind: sandbox.FaultConnect, Code: 503, Count: 2}))
			s.must(s.phone.Kick(s.device(), sandbox.KickCut))
			synctest.Wait()
			s.get(s.method("logout"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(s *stack) {
				s.link()
				end(s)
				s.await(instance.StateNotAuthorized)
				s.link()
				if got := s.upload("setProfilePicture", smallPhoto(t)).set(t); !got.SetProfilePicture {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestLogoutUnlinksAtWhatsApp(t *testing.T) {
	inBubble(t, func(s *stack) {
		s.link()
		jid, err := types.ParseJID(s.instance().Account().Device)
		s.must(err)
		s.get(s.method("logout"))
		s.wantStatus(instance.StateNotAuthorized, "logged out")
		if left := s.phone.Devices(); len(left) != 0 {
			t.Errorf("the phone still lists %d devices", len(left))
		}
		device, err := s.store.Devices(int64(s.id), nil).GetDevice(s.t.Context(), jid)
		s.must(err)
		if device != nil {
			t.Error("the keys are left in the store")
		}
	})
}

func TestManyInstancesStartAtBoot(t *testing.T) {
	inBubble(t, func(s *stack) {
		const others = 12
		for n := range others {
			i, _, err := s.manager.Create(s.t.Context(), instance.New{})
			s.must(err)
			phone := s.addPhone(fmt.Sprintf("1555100%04d", n), "Bob")
			code, err := i.QR(s.t.Context())
			s.must(err)
			s.must(phone.ScanQR(code.Text))
		}
		s.link()
		pass(time.Second)
		s.restart()
		pass(5 * time.Second)
		for _, i := range s.manager.Instances() {
			if got := i.Status(); got.State != instance.StateAuthorized || !i.Online() {
				t.Errorf("%d: %+v", i.ID, got)
			}
		}
	})
}
