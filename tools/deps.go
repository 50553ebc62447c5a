//go:build tools

package tools

import (
	_ "github.com/coder/websocket"
	_ "github.com/disintegration/imaging"
	_ "github.com/getkin/kin-openapi/openapi3"
	_ "github.com/gin-gonic/gin"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/google/uuid"
	_ "github.com/mdp/qrterminal/v3"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/skip2/go-qrcode"
	_ "github.com/spf13/cobra"
	_ "github.com/spf13/viper"
	_ "go.mau.fi/libsignal/ecc"
	_ "go.mau.fi/whatsmeow"
	_ "go.mau.fi/whatsmeow/store/sqlstore"
	_ "go.uber.org/goleak"
	_ "golang.org/x/image/webp"
	_ "golang.org/x/sync/semaphore"
	_ "golang.org/x/time/rate"
	_ "modernc.org/sqlite"
)
