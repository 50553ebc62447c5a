package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"go.mau.fi/whatsmeow/types"
)

// channel is as much of a channel as can be looked up.
type channel struct {
	name    string
	created time.Time
	picture *picture // nil: not set
}

// AddChannel creates a channel that every account can look up. Without a picture when jpeg is nil.
func (w *World) AddChannel(name string, jpeg []byte) (types.JID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &channel{name: name, created: w.now()}
	if jpeg != nil {
		accepted, err := newPicture(jpeg)
		if err != nil {
			return types.EmptyJID, fmt.Errorf("add a channel: %w", err)
		}
		accepted.id = w.pictures.nextID(w.now())
		w.pictures.publish(accepted)
		c.picture = accepted
	}
	jid := types.NewJID(w.newGroupJID().User, types.NewsletterServer) // ids of both look alike
	w.channels[jid] = c
	return jid, nil
}

// mexChannel describes the channel that is asked for by its JID. There are no invite codes.
func mexChannel(s *session, variables json.RawMessage) (any, error) {
	var in struct {
		Input struct {
			Key types.JID `json:"key"`
		} `json:"input"`
	}
	if err := json.Unmarshal(variables, &in); err != nil {
		return nil, errBadRequest
	}
	c := s.w.channels[in.Input.Key]
	if c == nil {
		refusal := mexError{Message: "Not Found"}
		refusal.Extensions.Code, refusal.Extensions.Severity = 404, "CRITICAL"
		return nil, refusal
	}
	about := map[string]any{
		"creation_time":     strconv.FormatInt(c.created.Unix(), 10),
		"name":              map[string]any{"text": c.name},
		"subscribers_count": "0",
	}
	if p := c.picture; p != nil { // the paths only: clients know the host
		about["picture"] = map[string]any{"id": p.id, "type": "IMAGE", "direct_path": s.w.pictureAddress(p, "image")}
		about["preview"] = map[string]any{"id": p.id, "type": "PREVIEW", "direct_path": s.w.pictureAddress(p, "preview")}
	}
	return map[string]any{"xwa2_newsletter": map[string]any{
		"id": in.Input.Key, "state": map[string]any{"type": "ACTIVE"}, "thread_metadata": about,
	}}, nil
}
