package instance

import (
	"context"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"google.golang.org/protobuf/proto"

	"greengate/media/attachment"
)

// StatusFile is a file to post, by its address.
type StatusFile struct {
	URLFile  string `json:"urlFile"`
	FileName string `json:"fileName"`
}

// message makes the message that a file would be in a chat.
func (f StatusFile) message(info attachment.Info, caption string) *waE2E.Message {
	return (&NewFile{FileName: f.FileName, Caption: caption}).message(info, nil)
}

// namedMessage is message as far as the file's name tells.
func (f StatusFile) namedMessage(ctx context.Context, i *Instance, caption string) (*waE2E.Message, error) {
	return (&NewFile{FileName: f.FileName, Caption: caption}).draft(ctx, i)
}

// MediaStatus is an image or a video to post.
type MediaStatus struct {
	StatusFile
	Caption string `json:"caption"`
	Audience
}

func (*MediaStatus) kind() string { return "sendMediaStatus" }

func (s *MediaStatus) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	m, err := s.namedMessage(ctx, i, s.Caption)
	if err == nil && m.ImageMessage == nil && m.VideoMessage == nil {
		err = fail(KindInvalid, "'fileName' must be the name of an image or a video")
	}
	return m, err
}

func (s *MediaStatus) compose(ctx context.Context, i *Instance, client *whatsmeow.Client, _ *waE2E.Message) (*waE2E.Message, error) {
	return i.uploaded(ctx, client, s.URLFile, s.FileName, func(info attachment.Info) (*waE2E.Message, error) {
		m := s.message(info, s.Caption)
		if m.ImageMessage == nil && m.VideoMessage == nil {
			return nil, fail(KindNotAcceptable, "the file is neither an image nor a video")
		}
		return m, nil
	})
}

// VoiceStatus is a sound to post. BackgroundColor is #RRGGBB.
type VoiceStatus struct {
	StatusFile
	BackgroundColor string `json:"backgroundColor"`
	Audience
}

func (*VoiceStatus) kind() string { return "sendVoiceStatus" }

func (s *VoiceStatus) draft(ctx context.Context, i *Instance) (*waE2E.Message, error) {
	m, err := s.namedMessage(ctx, i, "")
	if err == nil && !s.voice(m) {
		err = fail(KindInvalid, "'fileName' must be the name of a sound")
	}
	return m, err
}

func (s *VoiceStatus) compose(ctx context.Context, i *Instance, client *whatsmeow.Client, _ *waE2E.Message) (*waE2E.Message, error) {
	return i.uploaded(ctx, client, s.URLFile, s.FileName, func(info attachment.Info) (*waE2E.Message, error) {
		m := s.message(info, "")
		if !s.voice(m) {
			return nil, fail(KindNotAcceptable, "the file is no sound")
		}
		return m, nil
	})
}

// voice makes a sound a voice message on a colour; false for what is no sound.
func (s *VoiceStatus) voice(m *waE2E.Message) bool {
	if m.AudioMessage == nil {
		return false
	}
	m.AudioMessage.PTT, m.AudioMessage.BackgroundArgb = proto.Bool(true), argb(s.BackgroundColor)
	return true
}

// SendMediaStatus queues an image or a video for the account's statuses. The file is fetched when its turn comes.
func (i *Instance) SendMediaStatus(ctx context.Context, s MediaStatus) (MessageID, error) {
	if err := i.checkSource(s.URLFile); err != nil {
		return "", err
	}
	return i.enqueueOne(ctx, &s)
}

// SendVoiceStatus queues a sound for the account's statuses. The file is fetched when its turn comes.
func (i *Instance) SendVoiceStatus(ctx context.Context, s VoiceStatus) (MessageID, error) {
	if err := i.checkSource(s.URLFile); err != nil {
		return "", err
	}
	return i.enqueueOne(ctx, &s)
}
