package gowa

import (
	"strconv"

	"greengate/instance"
)

func (s *server) listDevices(c *call, _ none) ([]Device, error) {
	list := []Device{}
	for _, i := range s.manager.Owned(c.tenant) {
		list = append(list, describe(i))
	}
	return list, nil
}

func (s *server) addDevice(c *call, d NewDevice) (Device, error) {
	i, _, err := s.manager.Create(c.Context(), instance.New{Name: d.DeviceID, Owner: c.tenant})
	if err != nil {
		return Device{}, err
	}
	return describe(i), nil
}

func getDevice(c *call, _ none) (Device, error) { return describe(c.device), nil }

func (s *server) deleteDevice(c *call, _ none) (none, error) {
	if err := c.device.Logout(c.Context()); err != nil {
		return nil, err
	}
	return nil, s.manager.Delete(c.Context(), c.device.ID)
}

func describe(i *instance.Instance) Device {
	account := i.Account()
	return Device{
		ID: deviceID(i), DisplayName: i.Name(), PhoneNumber: account.Phone, JID: account.Device,
		State: state(i), CreatedAt: i.CreatedAt(),
	}
}

func deviceID(i *instance.Instance) string { return strconv.FormatInt(int64(i.ID), 10) }

// state words the state of an instance as GOWA does.
func state(i *instance.Instance) string {
	switch i.Status().State {
	case instance.StateAuthorized, instance.StateYellowCard:
		if i.Online() {
			return "logged_in"
		}
		return "connecting"
	case instance.StateStarting:
		return "connecting"
	default:
		return "disconnected"
	}
}

func linkedDevices(c *call, _ none) ([]LinkedDevice, error) {
	account := c.device.Account()
	if account.Device == "" {
		return []LinkedDevice{}, nil
	}
	return []LinkedDevice{{account.PushName, account.Device}}, nil
}

func status(c *call, _ none) (Status, error) {
	now := c.device.Status().State
	return Status{deviceID(c.device), c.device.Online(), now == instance.StateAuthorized || now == instance.StateYellowCard}, nil
}

func reconnect(c *call, _ none) (none, error) {
	c.device.Reboot()
	return nil, nil
}

func logout(c *call, _ none) (none, error) { return nil, c.device.Logout(c.Context()) }
