package wuts

import (
	"encoding/base64"
	"time"

	"github.com/skip2/go-qrcode"
)

const (
	qrSide         = 256 // pixels
	letterLifetime = 5 * time.Minute
	instructions   = "On the phone open WhatsApp > Linked devices > Link a device > Link with phone number instead, and type the code."
)

func qr(c *call, r QRRequest) (Data[QR], error) {
	if r.Refresh {
		c.device.RenewQR()
	}
	shown, cached := c.device.ShownQR()
	code, err := c.device.QR(c.Context())
	if err != nil {
		return Data[QR]{}, err
	}
	png, err := qrcode.Encode(code.Text, qrcode.Medium, qrSide)
	return data(QR{
		Code: code.Text, Image: "data:image/png;base64," + base64.StdEncoding.EncodeToString(png),
		Cached: cached && shown.Text == code.Text, ExpiresAt: code.ExpiresAt.UTC().Truncate(time.Second),
		TTL: int(code.ExpiresAt.Sub(code.ShownAt).Seconds()),
	}), err
}

func qrStatus(c *call, _ QRStatusRequest) (Data[QRStatus], error) {
	code, ok := c.device.ShownQR()
	if !ok {
		return data(QRStatus{}), nil
	}
	at := code.ShownAt.UTC().Truncate(time.Second)
	return data(QRStatus{true, &at}), nil
}

func pairCode(c *call, r PairCodeRequest) (Data[PairCode], error) {
	phone, err := digits("phone", r.Phone)
	if err != nil {
		return Data[PairCode]{}, err
	}
	code, issued, cached := c.device.LastPairCode(phone)
	left := time.Until(issued.Add(letterLifetime))
	if !cached || left <= 0 || !r.Reuse || r.Refresh {
		cached, left = false, letterLifetime
		if code, err = c.device.PairCode(c.Context(), phone); err != nil {
			return Data[PairCode]{}, err
		}
	}
	return data(PairCode{code[:4] + "-" + code[4:], phone, int(left.Seconds()), cached, instructions}), nil
}
