package wuts

import (
	"context"
	"time"

	"greengate/instance"
)

const connectWithin = 10 * time.Second

func createDevice(c *call, r NewDevice) (OneDevice, error) {
	i, _, err := c.manager.Create(c.Context(), instance.New{Name: r.Name, Owner: c.user.tenant})
	if err != nil {
		return OneDevice{}, err
	}
	return OneDevice{true, row(i)}, nil
}

func row(i *instance.Instance) DeviceRow {
	return DeviceRow{ID: DeviceID(i.ID), Name: i.Name(), Connected: i.Online(), CreatedAt: i.CreatedAt().UTC()}
}

func listDevices(c *call, _ struct{}) (DeviceList, error) {
	list := DeviceList{true, []DeviceRow{}}
	for _, i := range c.manager.Owned(c.user.tenant) {
		list.Devices = append(list.Devices, row(i))
	}
	return list, nil
}

// deleteDevice unpairs first: afterwards nobody could any more. Offline that is up to the phone.
func deleteDevice(c *call, _ PathDevice) (Data[Message], error) {
	if err := c.device.Logout(c.Context()); err != nil {
		return Data[Message]{}, err
	}
	err := c.manager.Delete(c.Context(), c.device.ID)
	return data(Message{"device deleted", DeviceID(c.device.ID)}), err
}

func status(c *call, _ Device) (Data[Status], error) {
	i, now := c.device, c.device.Status()
	return data(Status{
		DeviceID: DeviceID(i.ID), Name: i.Name(), Connected: i.Online(), LoggedIn: now.State != instance.StateNotAuthorized,
		State: string(now.State), Reason: now.Reason, Phone: i.Account().Phone,
	}), nil
}

// connect waits a while for the connection; it comes later all the same.
func connect(c *call, _ Device) (Data[Message], error) {
	message := "connected"
	switch {
	case c.device.Status().State == instance.StateNotAuthorized:
		return Data[Message]{}, errNotPaired
	case c.device.Online():
		message = "already connected"
	default:
		c.device.Reboot()
		ctx, cancel := context.WithTimeout(c.Context(), connectWithin)
		defer cancel()
		if !c.device.AwaitOnline(ctx) {
			message = "connecting"
		}
	}
	return data(Message{message, DeviceID(c.device.ID)}), nil
}

func disconnect(c *call, _ Device) (Data[Message], error) {
	err := c.device.Disconnect()
	return data(Message{"device disconnected", DeviceID(c.device.ID)}), err
}

// logout is refused without a live connection, for WhatsApp would not hear of it.
func logout(c *call, _ Device) (Data[Message], error) {
	if !c.device.Online() {
		return Data[Message]{}, errNotConnected
	}
	err := c.device.Logout(c.Context())
	return data(Message{"logged out", DeviceID(c.device.ID)}), err
}
