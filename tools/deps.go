//go:build tools

package tools
import (
 _ "go.mau.fi/whatsmeow"
 _ "go.mau.fi/whatsmeow/store/sqlstore"
 _ "github.com/gin-gonic/gin"
 _ "modernc.org/sqlite"
 _ "github.com/disintegration/imaging"
 _ "github.com/spf13/viper"
 _ "github.com/spf13/cobra"
 _ "github.com/prometheus/client_golang/prometheus/promhttp"
 _ "github.com/coder/websocket"
 _ "github.com/skip2/go-qrcode"
 _ "github.com/mdp/qrterminal/v3"
 _ "go.uber.org/goleak"
 _ "github.com/google/go-cmp/cmp"
 _ "github.com/rogpeppe/go-internal/testscript"
 _ "github.com/getkin/kin-openapi/openapi3"
 _ "golang.org/x/image/webp"
 _ "golang.org/x/time/rate"
 _ "golang.org/x/sync/semaphore"
 _ "github.com/google/uuid"
 _ "go.mau.fi/libsignal/ecc"
)
