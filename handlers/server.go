// Package handlers is the HTTP edge: GREEN-API's dialect as a table of methods (method.go), one file per section of its reference,
// and one pipeline that serves them all. It is the only package that knows gin.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"greengate/handlers/console"
	"greengate/instance"
)

// Options are what New needs. Manager and Log must be set.
type Options struct {
	Manager      *instance.Manager
	Log          *slog.Logger
	PartnerToken instance.Token // empty: the partner API refuses everybody
	PublicURL    string         // how clients reach this server, for links and documents; may be empty
	MaxUpload    int64          // bytes of a picture, 20 MB by default
	Unlimited    bool           // leaves out the documented rates of methods
	Version      string
	Mounts       []Mount // other dialects on the same listener
	// Ready reports whether the server can do its work; nil for always.
	Ready func(context.Context) error
}

// Mount serves everything below a path prefix, such as "/wuts", with the prefix taken off.
type Mount struct {
	Prefix  string
	Handler http.Handler
}

const defaultMaxUpload = 20 << 20

type server struct {
	manager   *instance.Manager
	log       *slog.Logger
	partner   instance.Token
	maxUpload int64
	unlimited bool
	methods   map[string]*Method // by lower-case name
	limits    *limits
	metrics   *metrics
}

// API is the whole HTTP interface.
type API struct {
	http.Handler
	server *server
}

// New returns the HTTP interface.
func New(o Options) API {
	if o.MaxUpload <= 0 {
		o.MaxUpload = defaultMaxUpload
	}
	s := &server{
		manager: o.Manager, log: o.Log, partner: o.PartnerToken, maxUpload: o.MaxUpload, unlimited: o.Unlimited,
		methods: map[string]*Method{}, limits: newLimits(), metrics: newMetrics(o.Manager),
	}
	for _, row := range Methods() {
		s.methods[strings.ToLower(row.Name)] = &row
	}
	engine := s.engine()
	engine.GET("/waInstance:id/scanqrcode/:token", s.scanQRCode)
	engine.GET("/waInstance:id/:method", s.qrPage)
	engine.Any("/waInstance:id/:method/:token", s.serveInstance)
	engine.Any("/waInstance:id/:method/:token/:tail", s.serveInstance)
	engine.Any("/partner/:method/:token", s.servePartner)
	for _, verb := range []string{http.MethodGet, http.MethodHead} {
		engine.Handle(verb, "/files/:id/:name", s.serveKept)
		engine.Handle(verb, "/download/:id/:chat/:message/:name", s.serveDownload)
	}
	engine.GET("/metrics", gin.WrapH(s.metrics.handler()))
	engine.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	engine.GET("/readyz", ready(o.Ready))
	documents(engine, o)
	engine.GET("/", gin.WrapH(console.Home(o.Version)))
	for _, mount := range o.Mounts {
		engine.Any(mount.Prefix+"/*path", dialect(mount.Prefix[1:], http.StripPrefix(mount.Prefix, mount.Handler)))
	}
	return API{cleanPath(engine), s}
}

// Alone serves another dialect at the root of a listener of its own. Its requests are logged and counted with all others.
func (a API) Alone(name string, handler http.Handler) http.Handler {
	engine := a.server.engine()
	engine.Any("/*path", dialect(name, handler))
	return cleanPath(engine)
}

// dialect notes the name of another dialect in the place of a method's.
func dialect(name string, handler http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Set(methodKey, name)
		handler.ServeHTTP(c.Writer, c.Request)
	}
}

// engine is a gin without routes that does what every request needs.
func (s *server) engine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.RedirectTrailingSlash = false
	engine.HandleMethodNotAllowed = false
	engine.Use(s.observe, recovery(s.log), cors)
	engine.NoRoute(s.notFound)
	return engine
}

// ready answers 200 when the server can do its work and 503 with the reason otherwise.
func ready(check func(context.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if check != nil {
			if err := check(c.Request.Context()); err != nil {
				c.String(http.StatusServiceUnavailable, "%s", err.Error())
				return
			}
		}
		c.String(http.StatusOK, "ready")
	}
}

// cleanPath serves doubled and trailing slashes instead of redirecting: n8n and the web chat send them, POST and preflight included.
// The instance prefix is matched in any case.
func cleanPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		segments := strings.FieldsFunc(r.URL.Path, func(c rune) bool { return c == '/' })
		if len(segments) == 3 && strings.EqualFold(segments[1], "scanqrcode") {
			segments[1] = "scanqrcode"
		}
		r.URL.Path, r.URL.RawPath = "/"+strings.Join(segments, "/"), ""
		next.ServeHTTP(w, r)
	})
}

// cors lets browsers of any origin call, as the real service does, and answers preflights.
func cors(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Access-Control-Expose-Headers", "*")
	if c.Request.Method != http.MethodOptions {
		return
	}
	c.Header("Access-Control-Allow-Methods", "GET, POST, OPTIONS, DELETE, HEAD")
	c.Header("Access-Control-Allow-Headers", "Authorization, Content-Type, GA-Filename, Range, X-Device-Id, X-Requested-With")
	c.Header("Access-Control-Max-Age", "1728000")
	c.AbortWithStatus(http.StatusOK)
}
