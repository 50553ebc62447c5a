package sandbox

import (
	"testing"
	"testing/synctest"
)

func TestPairByQR(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		c := newClient(t, w, "491700000001")
		devices := c.phone.Devices()
		if len(devices) != 1 || devices[0].JID != *c.Store.ID || !devices[0].Online {
			t.Errorf("devices of the phone: %+v, the client is %s", devices, c.Store.ID)
		}
		if c.Store.LID.User != c.phone.LID().User {
			t.Errorf("the client's LID is %s, the phone's %s", c.Store.LID, c.phone.LID())
		}
	})
}
