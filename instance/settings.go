package instance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"

	"greengate/instance/egress"
)

// YesNo is a switch that GREEN-API writes as "yes" or "no". It reads true and false as well, since Java clients send them.
type YesNo bool

// MarshalJSON writes "yes" or "no".
func (y YesNo) MarshalJSON() ([]byte, error) {
	if y {
		return []byte(`"yes"`), nil
	}
	return []byte(`"no"`), nil
}

// UnmarshalJSON reads "yes", "no", true and false.
func (y *YesNo) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case `"yes"`, "true":
		*y = true
	case `"no"`, "false":
		*y = false
	default:
		return errors.New("must be one of [yes, no]")
	}
	return nil
}

// Settings are what a user can set on an instance, in the order GREEN-API lists them (docs/api/account/SetSettings). Of the archived
// ones those for notifications still work; sharedSession and enableMessagesHistory are kept and returned, and have no effect.
type Settings struct {
	WebhookURL                        string `json:"webhookUrl"`
	WebhookURLToken                   string `json:"webhookUrlToken"`
	DelaySendMessagesMilliseconds     int    `json:"delaySendMessagesMilliseconds"`
	MarkIncomingMessagesReaded        YesNo  `json:"markIncomingMessagesReaded"`
	MarkIncomingMessagesReadedOnReply YesNo  `json:"markIncomingMessagesReadedOnReply"`
	SharedSession                     YesNo  `json:"sharedSession"`
	OutgoingWebhook                   YesNo  `json:"outgoingWebhook"`
	OutgoingMessageWebhook            YesNo  `json:"outgoingMessageWebhook"`
	OutgoingAPIMessageWebhook         YesNo  `json:"outgoingAPIMessageWebhook"`
	IncomingWebhook                   YesNo  `json:"incomingWebhook"`
	DeviceWebhook                     YesNo  `json:"deviceWebhook"`
	StatusInstanceWebhook             YesNo  `json:"statusInstanceWebhook"`
	StateWebhook                      YesNo  `json:"stateWebhook"`
	EnableMessagesHistory             YesNo  `json:"enableMessagesHistory"`
	KeepOnlineStatus                  YesNo  `json:"keepOnlineStatus"`
	PollMessageWebhook                YesNo  `json:"pollMessageWebhook"`
	IncomingBlockWebhook              YesNo  `json:"incomingBlockWebhook"`
	IncomingCallWebhook               YesNo  `json:"incomingCallWebhook"`
	EditedMessageWebhook              YesNo  `json:"editedMessageWebhook"`
	DeletedMessageWebhook             YesNo  `json:"deletedMessageWebhook"`
	OutgoingCallWebhook               YesNo  `json:"outgoingCallWebhook"`
	CatalogWebhook                    YesNo  `json:"catalogWebhook"`
	AutoTyping                        int    `json:"autoTyping"`
	LinkPreview                       YesNo  `json:"linkPreview"`
	EnableLidMode                     YesNo  `json:"enableLidMode"`
}

const (
	defaultDelay  = 500        // milliseconds
	maxDelay      = 86_400_000 // the older pages allow a day, the newest ten minutes: refuse nobody
	maxAutoTyping = 10
)

// DefaultSettings are those of a new instance: every switch off, half a second between messages.
func DefaultSettings() Settings {
	return Settings{DelaySendMessagesMilliseconds: defaultDelay, LinkPreview: true}
}

// SettingsPatch is a change of settings: only what is present is changed.
type SettingsPatch map[string]json.RawMessage

// With returns the settings with the patch applied; keys that are no settings are ignored. The error is of KindInvalid and names
// the first field that is wrong in GREEN-API's words.
func (s Settings) With(patch SettingsPatch) (Settings, error) {
	for key, value := range patch {
		if err := json.Unmarshal(fmt.Appendf(nil, "{%q:%s}", key, value), &s); err != nil {
			return s, fail(KindInvalid, fmt.Sprintf("'%s' %s", key, JSONComplaint(err)))
		}
	}
	return s, s.validate()
}

// change is Settings.With held to the shortest delay of this server.
func (s *shared) change(settings Settings, patch SettingsPatch) (Settings, error) {
	settings, err := settings.With(patch)
	if least := int(s.minDelay.Milliseconds()); err == nil && settings.DelaySendMessagesMilliseconds < least {
		err = fail(KindInvalid, fmt.Sprintf("'delaySendMessagesMilliseconds' must be larger than or equal to %d", least))
	}
	if err == nil && settings.WebhookURL != "" && patch["webhookUrl"] != nil && errors.Is(s.egress.CheckURL(settings.WebhookURL), egress.ErrForbidden) {
		err = fail(KindInvalid, "'webhookUrl' must not be a private address; egress.allow in the configuration of the server lists exceptions")
	}
	return settings, err
}

func (s Settings) validate() error {
	switch {
	case s.DelaySendMessagesMilliseconds > maxDelay:
		return fail(KindInvalid, fmt.Sprintf("'delaySendMessagesMilliseconds' must be less than or equal to %d", maxDelay))
	case s.AutoTyping < 0:
		return fail(KindInvalid, "'autoTyping' must be larger than or equal to 0")
	case s.AutoTyping > maxAutoTyping:
		return fail(KindInvalid, fmt.Sprintf("'autoTyping' must be less than or equal to %d", maxAutoTyping))
	}
	if s.WebhookURL == "" {
		return nil
	}
	if u, err := url.Parse(s.WebhookURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fail(KindInvalid, "'webhookUrl' must be a valid uri")
	}
	return nil
}

// JSONComplaint says what a JSON value should have been, in the words of GREEN-API's validation.
func JSONComplaint(err error) string {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	switch wrong.Type.Kind() {
	case reflect.String:
		return "must be a string"
	case reflect.Bool:
		return "must be a boolean"
	case reflect.Slice:
		return "must be an array"
	case reflect.Struct, reflect.Map:
		return "must be of type object"
	default:
		return "must be a number"
	}
}
