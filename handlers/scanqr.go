package handlers

import (
	"context"
	"encoding/json"
	"time"

	"github.com/coder/websocket"
	"github.com/gin-gonic/gin"

	"greengate/handlers/console"
	"greengate/instance"
)

// scanFor is how long the real service keeps a scanqrcode socket open.
const scanFor = 100 * time.Second

// accountData is the last frame of a successful scan.
type accountData struct {
	QRResponse
	Wid        instance.ChatID `json:"wid"`
	PushName   string          `json:"pushname"`
	Proxy      string          `json:"proxy"`
	WebhookURL string          `json:"webhookUrl"`
}

// scanQRCode is the WebSocket that shows codes until one is scanned (docs/api/account/Scanqrcode). Frames are JSON texts with type and
// message: qrCode on each renewal, then one of accountData, alreadyLogged, passkeyRequired, error and timeout.
func (s *server) scanQRCode(c *gin.Context) {
	c.Set(methodKey, "scanqrcode")
	i, err := s.authenticate(c, c.Param("token"))
	if err != nil {
		writeError(c, err)
		return
	} else if i == nil || !s.allow(c, &Method{Name: "scanqrcode", Rate: 1}, i.ID) {
		return
	}
	// Any origin: the token in the path is the credential, and no cookie is ever read.
	socket, err := websocket.Accept(c.Writer, c.Request, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = socket.CloseNow() }()
	ctx, cancel := context.WithTimeout(socket.CloseRead(c.Request.Context()), scanFor)
	defer cancel()
	s.showCodes(ctx, i, func(frame any) bool { return writeFrame(ctx, socket, frame) })
	_ = socket.Close(websocket.StatusNormalClosure, "")
}

func writeFrame(ctx context.Context, socket *websocket.Conn, frame any) bool {
	data, err := json.Marshal(frame)
	return err == nil && socket.Write(context.WithoutCancel(ctx), websocket.MessageText, data) == nil
}

// showCodes sends frames until the account is linked, an error ends it or ctx does.
func (s *server) showCodes(ctx context.Context, i *instance.Instance, send func(any) bool) {
	shown := ""
	for {
		changed := i.Changed()
		code, err := i.QR(ctx)
		switch {
		case ctx.Err() != nil:
			send(QRResponse{"timeout", "timeout"})
			return
		case err != nil:
			send(lastFrame(i, instance.AsError(err), shown != ""))
			return
		case code.Text != shown:
			frame, err := qrImage(code)
			if err != nil || !send(frame) {
				return
			}
			shown = code.Text
		}
		renewal := time.NewTimer(time.Until(code.ExpiresAt))
		select {
		case <-changed:
		case <-renewal.C:
		case <-ctx.Done():
		}
		renewal.Stop()
	}
}

// lastFrame tells a scan that just succeeded from an instance that was linked before.
func lastFrame(i *instance.Instance, err *instance.Error, scanned bool) any {
	switch {
	case err.Kind == instance.KindAlreadyAuthorized && scanned:
		account := i.Account()
		return accountData{QRResponse{"accountData", ""}, account.ChatID, account.PushName, "", i.Settings().WebhookURL}
	case err.Kind == instance.KindPasskeyRequired:
		return QRResponse{"passkeyRequired", err.Detail}
	default:
		return qrFailure(err)
	}
}

// qrPage is the page a person opens to link an account: /waInstance{id}/{token}, as on the real service's QR host.
func (s *server) qrPage(c *gin.Context) {
	i, err := s.authenticate(c, c.Param("method"))
	if err != nil {
		writeError(c, err)
	} else if i != nil {
		console.QR(i.Name()).ServeHTTP(c.Writer, c.Request)
	}
}
