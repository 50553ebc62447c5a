package sandbox

import (
	"encoding/json"
	"errors"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// mexQuery answers one of WhatsApp's GraphQL queries, which clients name by number; variables are its JSON arguments.
type mexQuery func(s *session, variables json.RawMessage) (any, error)

// mexError is a refusal inside an answer; any other error refuses the whole query.
type mexError struct {
	Message    string `json:"message"`
	Extensions struct {
		Code     int    `json:"error_code"`
		Severity string `json:"severity"`
	} `json:"extensions"`
}

func (e mexError) Error() string { return e.Message }

// mexQueries has a row for each number that whatsmeow sends and the network has something to say to. Every other query
// is answered with no data.
var mexQueries = map[string]mexQuery{
	"6563316087068696": mexChannel,
	"9152604461510864": mexSetAbout,
	"6388546374527196": mexSubscribedChannels,
}

func (w *World) addMexRoutes() {
	w.router.iqs[iqRoute{"w:mex", "get", "query"}] = mex
}

func mex(s *session, iq *waBinary.Node) ([]waBinary.Node, error) {
	var request struct {
		Variables json.RawMessage `json:"variables"`
	}
	if err := json.Unmarshal(childBytes(iq, "query"), &request); err != nil {
		return nil, errBadRequest
	}
	result := map[string]any{"data": struct{}{}}
	if query := mexQueries[attr(child(iq, "query"), "query_id")]; query != nil {
		data, err := query(s, request.Variables)
		var refusal mexError
		switch {
		case errors.As(err, &refusal):
			result = map[string]any{"data": nil, "errors": []any{refusal}}
		case err != nil:
			return nil, err
		default:
			result["data"] = data
		}
	}
	answer, err := json.Marshal(result)
	if err != nil {
		return nil, err
	}
	return []waBinary.Node{{Tag: "result", Content: answer}}, nil
}

func mexSetAbout(s *session, variables json.RawMessage) (any, error) {
	var in struct {
		Input struct {
			Text *string `json:"text"`
		} `json:"input"`
	}
	if err := json.Unmarshal(variables, &in); err != nil || in.Input.Text == nil {
		return nil, errBadRequest
	}
	return struct{}{}, s.w.changeAbout(s.device.account, *in.Input.Text)
}

func mexSubscribedChannels(*session, json.RawMessage) (any, error) {
	return map[string]any{"xwa2_newsletter_subscribed": []any{}}, nil
}
