package instance

import (
	"context"
	"errors"
	"io"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"greengate/instance/egress"
	"greengate/media"
)

// pictureWithin is the time for a whole change of a picture, the read-back included. WhatsApp answers within a second or never.
const pictureWithin = 12 * time.Second

const fetchImageWithin = 30 * time.Second

// ownPicture is the account's profile picture as far as it is known. Guarded by Instance.mu.
type ownPicture struct {
	id        string    // empty when unknown
	changedAt time.Time // when the last change was sent; the limit counts from here
}

// ProfilePicture is a picture as WhatsApp serves it. URL is time-limited, and empty when WhatsApp did not say it in time.
type ProfilePicture struct {
	ID         string
	URL        string
	Type       string // image or preview
	DirectPath string // on WhatsApp's picture host
}

// SetProfilePicture normalises an image (JPEG, PNG or WebP) and makes it the account's picture. One change is sent per
// Options.PictureInterval, across concurrent calls and restarts; what is refused before it was sent does not count. Kinds: FileEmpty,
// UnsupportedMedia, TooLarge, Busy, RateOverLimit, NotAcceptable, Forbidden, Timeout and those of a missing connection.
func (i *Instance) SetProfilePicture(ctx context.Context, image []byte) (ProfilePicture, error) {
	if len(image) == 0 {
		return ProfilePicture{}, fail(KindFileEmpty, "File is empty")
	}
	if err := i.requireAuthorized(); err != nil {
		return ProfilePicture{}, err
	}
	if err := i.pictureWindow(); err != nil {
		return ProfilePicture{}, err
	}
	picture, err := i.pictures.Normalize(ctx, image)
	if err != nil {
		return ProfilePicture{}, fromMedia(err)
	}
	ctx, cancel := context.WithTimeout(ctx, pictureWithin)
	defer cancel()
	return i.sendPicture(ctx, picture.JPEG)
}

// SetProfilePictureByURL is SetProfilePicture with an image that is fetched, or one that was uploaded before; KindInvalid for what cannot
// be fetched. Nothing is fetched within the window of the last change.
func (i *Instance) SetProfilePictureByURL(ctx context.Context, url string) (ProfilePicture, error) {
	if err := i.requireAuthorized(); err != nil {
		return ProfilePicture{}, err
	}
	if err := i.pictureWindow(); err != nil {
		return ProfilePicture{}, err
	}
	if err := i.checkSource(url); err != nil {
		return ProfilePicture{}, err
	}
	image, err := i.fetchImage(ctx, url)
	if err != nil {
		return ProfilePicture{}, err
	}
	return i.SetProfilePicture(ctx, image)
}

// fetchImage reads a file of no more bytes than a picture may have.
func (i *Instance) fetchImage(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchImageWithin)
	defer cancel()
	var source io.ReadCloser
	var err error
	if _, ours := i.keptName(url); ours {
		source, err = i.openSource(ctx, url)
	} else {
		source, err = i.egress.Fetch(ctx, url, i.pictures.MaxBytes())
	}
	var image []byte
	if err == nil {
		defer func() { _ = source.Close() }() // it was only read
		image, err = io.ReadAll(io.LimitReader(source, i.pictures.MaxBytes()+1))
	}
	var large *egress.TooLargeError
	switch {
	case errors.As(err, &large):
		return nil, fromMedia(media.ErrTooLarge)
	case err != nil:
		return nil, &Error{Kind: KindInvalid, Detail: "'urlFile' could not be fetched", Err: err}
	}
	return image, nil
}

func fromMedia(err error) error {
	for _, row := range []struct {
		err  error
		kind Kind
	}{
		{media.ErrEmpty, KindFileEmpty},
		{media.ErrTooLarge, KindTooLarge},
		{media.ErrUnsupported, KindUnsupportedMedia},
		{media.ErrCorrupt, KindUnsupportedMedia},
		{media.ErrDeadline, KindUnsupportedMedia},
	} {
		if errors.Is(err, row.err) {
			return &Error{Kind: row.kind, Detail: err.Error(), Err: err}
		}
	}
	if errors.Is(err, media.ErrBusy) {
		return &Error{Kind: KindBusy, Detail: "too many pictures at once", RetryAfter: time.Second, Err: err}
	}
	return err
}

// pictureWindow returns KindRateOverLimit while the last change is too fresh.
func (i *Instance) pictureWindow() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.checkPictureWindow(time.Now())
}

func (i *Instance) checkPictureWindow(now time.Time) error {
	if wait := i.picture.changedAt.Add(i.pictureInterval).Sub(now); wait > 0 {
		return &Error{Kind: KindRateOverLimit, Detail: "rate-overlimit", RetryAfter: wait}
	}
	return nil
}

// takePictureWindow takes the window for one change, or fails as pictureWindow does. It is stored before anything is sent, so that
// a restart does not forget it. giveBack undoes it.
func (i *Instance) takePictureWindow(ctx context.Context) (giveBack func(), err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	if err := i.checkPictureWindow(now); err != nil {
		return nil, err
	}
	before := i.picture.changedAt
	if err := i.storePictureTime(ctx, now); err != nil {
		return nil, err
	}
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if err := i.storePictureTime(context.WithoutCancel(ctx), before); err != nil {
			i.log.Error("picture window not given back", "error", err)
		}
	}, nil
}

func (i *Instance) storePictureTime(ctx context.Context, at time.Time) error {
	if err := i.store.SetPictureChanged(ctx, int64(i.ID), at); err != nil {
		return err
	}
	i.picture.changedAt = at
	return nil
}

// sendPicture sends the picture and reads its URL back. whatsmeow sends a query again after a drop, so WhatsApp may see it twice and
// refuse the second; whether the first was taken shows in the picture's id, which is why the id before must be known.
func (i *Instance) sendPicture(ctx context.Context, jpeg []byte) (ProfilePicture, error) {
	before, generation, err := i.pictureBefore(ctx)
	if err != nil {
		return ProfilePicture{}, err
	}
	giveBack, err := i.takePictureWindow(ctx)
	if err != nil {
		return ProfilePicture{}, err
	}
	id, err := ask(ctx, i, pictureWithin, func(ctx context.Context, client *whatsmeow.Client) (string, error) {
		return client.SetGroupPhoto(ctx, types.EmptyJID, jpeg)
	})
	if err != nil {
		return i.afterFailedSet(ctx, before, generation, err, giveBack)
	}
	picture, err := i.readBack(ctx, i.self())
	if err != nil {
		i.log.Warn("picture set, but its URL could not be read", "error", err)
		picture = ProfilePicture{ID: id}
	}
	i.rememberPicture(picture.ID)
	return picture, nil
}

// DeleteProfilePicture takes the account's picture away. It counts as a change: kinds as SetProfilePicture, but for those of the image.
func (i *Instance) DeleteProfilePicture(ctx context.Context) error {
	if err := i.requireAuthorized(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, pictureWithin)
	defer cancel()
	generation := i.generation()
	giveBack, err := i.takePictureWindow(ctx)
	if err != nil {
		return err
	}
	_, err = ask(ctx, i, pictureWithin, func(ctx context.Context, client *whatsmeow.Client) (string, error) {
		return client.SetGroupPhoto(ctx, types.EmptyJID, nil)
	})
	if err != nil && i.generation() != generation {
		if _, gone := i.readBack(ctx, i.self()); AsError(gone).Kind == KindNotFound {
			err = nil
		}
	}
	if err != nil {
		return i.refusedChange(err, giveBack)
	}
	i.rememberPicture("")
	return nil
}

// readBack asks for a picture that was just set, again after a second when the connection is just coming back: a set that was sent again
// can be answered before the rest works.
func (i *Instance) readBack(ctx context.Context, of types.JID) (ProfilePicture, error) {
	for {
		picture, err := i.fetchPicture(ctx, of, PictureQuery{})
		if err == nil || AsError(err).Kind != KindStarting && AsError(err).Kind != KindInternal {
			return picture, err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return picture, err
		}
	}
}

// afterFailedSet finds out whether a change that failed took effect all the same.
func (i *Instance) afterFailedSet(ctx context.Context, before string, generation int, failure error, giveBack func()) (ProfilePicture, error) {
	if i.generation() != generation {
		if picture, err := i.readBack(ctx, i.self()); err == nil && picture.ID != before && picture.ID != "" {
			i.rememberPicture(picture.ID)
			return picture, nil
		}
	}
	return ProfilePicture{}, i.refusedChange(failure, giveBack)
}

// refusedChange gives the window back after a change that WhatsApp refused, for another reason than its own limit, or never saw.
func (i *Instance) refusedChange(failure error, giveBack func()) error {
	refusal := AsError(failure)
	switch refusal.Kind {
	case KindNotAcceptable, KindForbidden, KindNotFound, KindRefused:
		giveBack()
	case KindRateOverLimit:
		refusal.RetryAfter = i.pictureInterval
	case KindStarting:
		if refusal.Err == nil || errors.Is(refusal.Err, whatsmeow.ErrNotConnected) {
			giveBack() // it was never sent
		}
	default: // it may have been taken
	}
	return failure
}

// pictureBefore returns the id of the present picture, empty for none, and the connection it was read on.
func (i *Instance) pictureBefore(ctx context.Context) (id string, generation int, err error) {
	i.mu.Lock()
	id, generation = i.picture.id, i.link.generation
	i.mu.Unlock()
	if id != "" {
		return id, generation, nil
	}
	picture, err := i.ownPicture(ctx)
	if err != nil && AsError(err).Kind == KindNotFound {
		err = nil
	}
	return picture.ID, generation, err
}

func (i *Instance) generation() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.link.generation
}

func (i *Instance) rememberPicture(id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.picture.id = id
}

// pictureChanged follows changes that the phone or another device made. The caller holds i.mu.
func (i *Instance) pictureChanged(e *events.Picture) {
	if e.JID.User == i.deviceJID.User || ChatIDOf(e.JID) == i.account.LID {
		i.picture.id = "" // the notification may carry a hash instead of the id: ask when it is needed
	}
}

// ownPicture asks for the account's own picture; KindNotFound when none is set.
func (i *Instance) ownPicture(ctx context.Context) (ProfilePicture, error) {
	return i.fetchPicture(ctx, i.self(), PictureQuery{})
}

// self is the account's own address, without a device.
func (i *Instance) self() types.JID {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.deviceJID.ToNonAD()
}

// PictureQuery narrows down which picture is asked for.
type PictureQuery struct {
	Preview   bool   // the small one
	Community bool   // the group is a community
	KnownID   string // answer KindUnchanged when this is still the picture
}

// Picture looks up the picture of a person, a group or a channel. Kinds: NotFound for none, Forbidden for hidden, Unchanged, Timeout
// and those of a missing connection.
func (i *Instance) Picture(ctx context.Context, jid types.JID, q PictureQuery) (ProfilePicture, error) {
	if err := i.requireAuthorized(); err != nil {
		return ProfilePicture{}, err
	}
	return i.fetchPicture(ctx, jid, q)
}

func (i *Instance) fetchPicture(ctx context.Context, jid types.JID, q PictureQuery) (ProfilePicture, error) {
	info, err := ask(ctx, i, pictureWithin, func(ctx context.Context, client *whatsmeow.Client) (*types.ProfilePictureInfo, error) {
		if jid.Server == types.NewsletterServer {
			return channelPicture(ctx, client, jid)
		}
		return client.GetProfilePictureInfo(ctx, jid, &whatsmeow.GetProfilePictureParams{
			Preview: q.Preview, IsCommunity: q.Community, ExistingID: q.KnownID,
		})
	})
	switch {
	case err != nil:
		return ProfilePicture{}, err
	case info == nil:
		return ProfilePicture{ID: q.KnownID}, fail(KindUnchanged, "unchanged")
	}
	return ProfilePicture{ID: info.ID, URL: info.URL, Type: info.Type, DirectPath: info.DirectPath}, nil
}

// channelPicture reads the picture out of what a channel says of itself, which gives paths without the host.
func channelPicture(ctx context.Context, client *whatsmeow.Client, jid types.JID) (*types.ProfilePictureInfo, error) {
	channel, err := client.GetNewsletterInfo(ctx, jid)
	if err != nil {
		return nil, err
	} else if channel == nil || channel.ThreadMeta.Picture == nil {
		return nil, whatsmeow.ErrProfilePictureNotSet
	}
	picture := *channel.ThreadMeta.Picture
	if picture.URL == "" {
		picture.URL = pictureHost + picture.DirectPath
	}
	return &picture, nil
}
