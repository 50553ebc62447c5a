package handlers

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow/types"

	"greengate/instance"
)

func statusMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "sendTextStatus", Verb: http.MethodPost, Rate: 5,
			Summary: "Post a text as a status, for all contacts or for some people",
			Example: `{"message":"Open today","backgroundColor":"#228B22","font":"SERIF","participants":["{{chatId}}"]}`, Answer: answerID,
		}, sendTextStatus),
		forInstance(Method{
			Name: "sendVoiceStatus", Verb: http.MethodPost, Rate: 5, Works: "yes; what is longer than a minute is not cut",
			Summary: "Post a sound from an address as a status",
			Example: `{"urlFile":"{{urlFile}}","fileName":"news.mp3","backgroundColor":"#228B22"}`, Answer: answerID,
		}, sendVoiceStatus),
		forInstance(Method{
			Name: "sendMediaStatus", Verb: http.MethodPost, Rate: 5,
			Summary: "Post an image or a video from an address as a status",
			Example: `{"urlFile":"{{urlFile}}","fileName":"shop.jpg","caption":"Open today"}`, Answer: answerID,
		}, sendMediaStatus),
		forInstance(Method{
			Name: "deleteStatus", Verb: http.MethodPost, Rate: 10,
			Summary: "Take back a status",
			Example: `{"idMessage":"{{idMessageOfStatus}}"}`,
		}, deleteStatus),
		forInstance(Method{
			Name: "getStatusStatistic", Verb: http.MethodGet, Rate: 1,
			Summary: "List who got and who saw a status", Query: "idMessage={{idMessageOfStatus}}",
			Answer: `[{"timestamp":1790000000,"participant":"15550002222@c.us","status":"read"}]`,
		}, getStatusStatistic),
		forInstance(Method{
			Name: "getOutgoingStatuses", Verb: http.MethodGet, Rate: 1,
			Summary: "List the statuses of the last minutes that the account posted, newest first", Answer: "[]",
		}, getOutgoingStatuses),
		forInstance(Method{
			Name: "getIncomingStatuses", Verb: http.MethodGet, Rate: 1,
			Summary: "List the statuses of the last minutes that contacts posted, newest first", Answer: "[]",
		}, getIncomingStatuses),
	}
}

const (
	maxStatusText   = 500 // characters
	maxStatusCapt   = 1024
	maxParticipants = 1024
	defaultColor    = "#000000"
	defaultFont     = "SANS_SERIF"
)

var rgb = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// Audience is whom a status is for: all contacts unless it names some people, 1024 at most. Those who are not on WhatsApp are left out.
type Audience struct {
	Participants []instance.ChatID `json:"participants"`
}

func (a Audience) audience() (instance.Audience, error) {
	if len(a.Participants) > maxParticipants {
		return instance.Audience{}, invalid("'participants' must contain less than or equal to %d items", maxParticipants)
	}
	for n, id := range a.Participants {
		if jid, ok := instance.ParseChatID(string(id)); !ok || jid.Server == types.GroupServer {
			return instance.Audience{}, invalid("%s", strings.Replace(formatsOfPerson, "chatId", "participants["+strconv.Itoa(n)+"]", 1))
		}
	}
	return instance.Audience{Participants: append([]instance.ChatID{}, a.Participants...)}, nil
}

// SendTextStatusRequest has a text of up to 500 characters, white on a colour #RRGGBB, black by default, in one of GREEN-API's fonts.
type SendTextStatusRequest struct {
	Message         string `json:"message" check:"required"`
	BackgroundColor string `json:"backgroundColor"`
	Font            string `json:"font"`
	Audience
}

func (r *SendTextStatusRequest) validate() error {
	if r.Font != "" && !slices.Contains(instance.Fonts(), r.Font) {
		return invalid("'font' must be one of [%s]", strings.Join(instance.Fonts(), ", "))
	}
	return cmp.Or(checkColor(r.BackgroundColor), tooLong("message", r.Message, maxStatusText))
}

func checkColor(color string) error {
	if color != "" && !rgb.MatchString(color) {
		return invalid("'backgroundColor' must be a color in the format #RRGGBB")
	}
	return nil
}

func sendTextStatus(ctx context.Context, i *instance.Instance, r SendTextStatusRequest) (SendResponse, error) {
	audience, err := r.audience()
	if err != nil {
		return SendResponse{}, err
	}
	return sent(i.SendTextStatus(ctx, instance.TextStatus{
		Message: r.Message, BackgroundColor: cmp.Or(r.BackgroundColor, defaultColor), Font: cmp.Or(r.Font, defaultFont), Audience: audience,
	}))
}

// StatusFile names a file by its address. Its name tells what it is until it is fetched.
type StatusFile struct {
	URLFile  string `json:"urlFile" check:"required"`
	FileName string `json:"fileName" check:"required"`
}

func (f StatusFile) source() instance.StatusFile {
	return instance.StatusFile{URLFile: f.URLFile, FileName: baseName(f.FileName)}
}

// SendVoiceStatusRequest has a sound, on a colour #RRGGBB, black by default. It is posted as it is: what is longer than a minute is not cut.
type SendVoiceStatusRequest struct {
	StatusFile
	BackgroundColor string `json:"backgroundColor"`
	Audience
}

func (r *SendVoiceStatusRequest) validate() error { return checkColor(r.BackgroundColor) }

func sendVoiceStatus(ctx context.Context, i *instance.Instance, r SendVoiceStatusRequest) (SendResponse, error) {
	audience, err := r.audience()
	if err != nil {
		return SendResponse{}, err
	}
	return sent(i.SendVoiceStatus(ctx, instance.VoiceStatus{
		StatusFile: r.source(), BackgroundColor: cmp.Or(r.BackgroundColor, defaultColor), Audience: audience,
	}))
}

// SendMediaStatusRequest has an image or a video, with a caption of up to 1024 characters.
type SendMediaStatusRequest struct {
	StatusFile
	Caption string `json:"caption"`
	Audience
}

func (r *SendMediaStatusRequest) validate() error {
	return tooLong("caption", r.Caption, maxStatusCapt)
}

func sendMediaStatus(ctx context.Context, i *instance.Instance, r SendMediaStatusRequest) (SendResponse, error) {
	audience, err := r.audience()
	if err != nil {
		return SendResponse{}, err
	}
	return sent(i.SendMediaStatus(ctx, instance.MediaStatus{StatusFile: r.source(), Caption: r.Caption, Audience: audience}))
}

// StatusRequest names one of the account's statuses.
type StatusRequest struct {
	IDMessage instance.MessageID `json:"idMessage" check:"required"`
}

func deleteStatus(ctx context.Context, i *instance.Instance, r StatusRequest) (empty, error) {
	return empty{}, notFoundAs(i.DeleteStatus(ctx, r.IDMessage), "ID message notfound")
}

func getStatusStatistic(ctx context.Context, i *instance.Instance, r StatusRequest) ([]instance.StatusEvent, error) {
	return i.StatusStatistic(ctx, r.IDMessage)
}

func getOutgoingStatuses(ctx context.Context, i *instance.Instance, r PeriodRequest) ([]instance.JournalEntry, error) {
	return i.OutgoingStatuses(ctx, r.Minutes)
}

func getIncomingStatuses(ctx context.Context, i *instance.Instance, r PeriodRequest) ([]instance.JournalEntry, error) {
	return i.IncomingStatuses(ctx, r.Minutes)
}
