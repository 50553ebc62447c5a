package store

import (
	"context"
	"sync/atomic"

	waStore "go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
)

// Devices gives out the whatsmeow devices of one instance. What an account has met, such as which number a LID stands for, is known
// to its own instance alone. No two Devices of a process may use the same device.
type Devices struct {
	store     *Store
	container *sqlstore.Container
	lids      *lids
	onFailure func(error)
	failed    atomic.Bool
}

// Devices returns those of an instance. onFailure is called whenever the database fails a device, with the error; it must not block.
// WhatsApp is then left to believe that nothing has arrived, and delivers it again after the next login: see Failed.
func (s *Store) Devices(instance int64, onFailure func(error)) *Devices {
	d := &Devices{store: s, container: sqlstore.NewWithWrappedDB(s.wa, s.waLogger), onFailure: onFailure}
	d.lids = &lids{devices: d, instance: instance, owner: s.cache.newOwner()}
	return d
}

// Failed tells whether the database has failed a device since Recover. whatsmeow does not learn of all that it could not keep, so until then
// nothing that arrives may be acknowledged.
func (d *Devices) Failed() bool { return d.failed.Load() }

// Recover forgets failures; to be called before a new connection, for which WhatsApp has kept all that was not acknowledged.
func (d *Devices) Recover() { d.failed.Store(false) }

// NewDevice returns a device that can be paired, and is stored then.
func (d *Devices) NewDevice() *waStore.Device {
	device := d.container.NewDevice()
	device.Container = d
	return device
}

// GetDevice reads a paired device; nil when there is none.
func (d *Devices) GetDevice(ctx context.Context, jid types.JID) (*waStore.Device, error) {
	device, err := d.container.GetDevice(ctx, jid)
	if device != nil {
		d.equip(device)
	}
	return device, err
}

// PutDevice stores a device; whatsmeow calls it.
func (d *Devices) PutDevice(ctx context.Context, device *waStore.Device) error {
	fresh := !device.Initialized
	err := d.container.PutDevice(ctx, device)
	if fresh && device.Initialized {
		d.equip(device)
	}
	if err == nil {
		err = d.store.sync()
	}
	return d.note(ctx, err)
}

// DeleteDevice deletes a device with its keys and what it has met; whatsmeow calls it.
func (d *Devices) DeleteDevice(ctx context.Context, device *waStore.Device) error {
	if err := d.lids.clear(ctx); err != nil {
		return err
	}
	return d.container.DeleteDevice(ctx, device)
}

// equip gives a device our stores in the place of those that whatsmeow's container has given it.
func (d *Devices) equip(device *waStore.Device) {
	device.SetAllStores(newKeyring(d, *device.ID))
	device.LIDs, device.Container = d.lids, d
}

// note passes an error on, and makes known that the database has failed if that is what it means.
func (d *Devices) note(ctx context.Context, err error) error {
	if isUnavailable(err) || !isFailure(ctx, err) {
		return err
	}
	d.failed.Store(true)
	cancelOf(ctx)()
	if d.onFailure != nil {
		d.onFailure(err)
	}
	return unavailable{err}
}
