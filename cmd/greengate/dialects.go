package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/spf13/pflag"

	"greengate/handlers"
	"greengate/handlers/document"
	"greengate/handlers/gowa"
	"greengate/handlers/wahost"
	"greengate/handlers/wuts"
	"greengate/instance"
)

// place is where a further dialect is served: below a prefix of the main listener, or alone on a listener of its own.
type place struct {
	enabled bool
	prefix  string
	listen  string
}

// wutsConfig is what can be decided of the WUTS dialect.
type wutsConfig struct {
	place
	users []wuts.User
}

// gowaConfig is what can be decided of the GOWA dialect.
type gowaConfig struct {
	place
	users      []gowa.User
	rightCodes bool
}

// wahostConfig is what can be decided of the wahost dialect.
type wahostConfig struct {
	place
	wahost.Config
}

// dialect is one further interface over the same instances.
type dialect struct {
	name     string
	place    place
	usable   bool // somebody has credentials
	handler  func(*instance.Manager, *slog.Logger) http.Handler
	document func(url, version string) document.API
}

// dialects lists the further dialects as they are configured.
func (c *config) dialects() []dialect {
	return []dialect{
		{
			name: "wuts", place: c.wuts.place, usable: len(c.wuts.users) > 0, document: wuts.Document,
			handler: func(m *instance.Manager, log *slog.Logger) http.Handler {
				return wuts.New(wuts.Config{Users: c.wuts.users, MaxPicture: c.bodyBytes}, m, log)
			},
		},
		{
			name: "gowa", place: c.gowa.place, usable: len(c.gowa.users) > 0, document: gowa.Document,
			handler: func(m *instance.Manager, log *slog.Logger) http.Handler {
				settings := gowa.Config{Users: c.gowa.users, MaxUpload: c.bodyBytes, RightCodes: c.gowa.rightCodes}
				if c.gowa.listen == "" {
					settings.PublicURL, settings.Prefix = c.publicURL, c.gowa.prefix
				}
				return gowa.New(settings, m, log)
			},
		},
		{
			name: "wahost", place: c.wahost.place, usable: c.wahost.JWT.JWKSURL != "" || len(c.wahost.APIKeys) > 0, document: wahost.Document,
			handler: func(m *instance.Manager, log *slog.Logger) http.Handler { return wahost.New(c.wahost.Config, m, log) },
		},
	}
}

// dialectKeys declares the keys of the further dialects.
func (c *config) dialectKeys(keys *pflag.FlagSet) {
	c.wuts.keys(keys, "wuts", "WUTS")
	keys.Var(secrets(&c.wuts.users, wuts.ParseUser), "wuts.users",
		"Who may call, comma-separated: tenant/role/token, with the role admin, manager or user and a UUID v4 as token.")
	c.gowa.keys(keys, "gowa", "GOWA")
	keys.Var(secrets(&c.gowa.users, gowa.ParseUser), "gowa.users",
		"Who may call, comma-separated: tenant/user:password. A name and password that two tenants share let nobody in.")
	keys.BoolVar(&c.gowa.rightCodes, "gowa.right_codes", false,
		"Answer no picture, a hidden one, throttling and the like by statuses of their own instead of GOWA's 500.")
	c.wahost.keys(keys, "wahost", "wahost")
	keys.Var(secrets(&c.wahost.APIKeys, wahost.ParseAPIKey), "wahost.api_keys",
		"API keys, comma-separated: organisation/capabilities/key, with the capabilities read, send and manage joined by +.")
	keys.Var(checkedLink(&c.wahost.JWT.JWKSURL, wahost.CheckJWKSURL), "wahost.jwks_url",
		"Where the public keys are that login tokens (JWT) are signed with; https, or http on a loopback address. Empty: no login tokens.")
	keys.StringVar(&c.wahost.JWT.Issuer, "wahost.jwt_issuer", "", "Issuer (iss) that login tokens must name. Empty: any.")
	keys.StringVar(&c.wahost.JWT.Audience, "wahost.jwt_audience", "", "Audience (aud) that login tokens must name. Empty: any.")
	keys.StringVar(&c.wahost.JWT.OrganizationClaim, "wahost.jwt_organization_claim", "organizationId",
		"Claim of a login token that holds the organisation.")
	keys.StringVar(&c.wahost.JWT.RoleClaim, "wahost.jwt_role_claim", "role",
		"Claim of a login token that holds the role: owner, admin, member or viewer.")
}

// keys declares what every dialect has.
func (p *place) keys(keys *pflag.FlagSet, name, product string) {
	keys.BoolVar(&p.enabled, name+".enabled", false, "Serve the dialect of "+product+" too.")
	keys.Var(prefix(&p.prefix, "/"+name), name+".prefix", "Path on the main listener below which the dialect is served.")
	keys.Var(optionalAddress(&p.listen), name+".listen",
		"Host and port of a listener of its own, at whose root the dialect is served instead. Empty: none.")
}

// place builds the dialects that are switched on: those for the main listener, and those that get one of their own, by its address.
func (s setting) place(m *instance.Manager) (mounts []handlers.Mount, alone []ownListener, err error) {
	names := map[string]string{} // by prefix
	for _, d := range s.dialects() {
		if !d.place.enabled {
			continue
		}
		if !d.usable {
			return nil, nil, fmt.Errorf("config: %s.enabled: nobody has credentials for it", d.name)
		}
		url := "/"
		if d.place.listen == "" {
			url = s.publicURL + d.place.prefix
		}
		handler := d.document(url, version).Serve(d.handler(m, s.log))
		switch other := names[d.place.prefix]; {
		case d.place.listen != "":
			alone = append(alone, ownListener{d.name, d.place.listen, handler})
		case other != "":
			return nil, nil, fmt.Errorf("config: %s.prefix: %s has the same", d.name, other)
		default:
			names[d.place.prefix] = d.name
			mounts = append(mounts, handlers.Mount{Prefix: d.place.prefix, Handler: handler})
		}
	}
	return mounts, alone, nil
}

// ownListener is a dialect that is not served on the main listener.
type ownListener struct {
	name    string
	address string
	handler http.Handler
}

// serveAlone opens the listeners one after the other and serves on all while do runs and then until ctx ends.
func (s setting) serveAlone(ctx context.Context, api handlers.API, alone []ownListener, do func() error) error {
	if len(alone) == 0 {
		return do()
	}
	own := alone[0]
	listener, err := listen(ctx, own.address)
	if err != nil {
		return err
	}
	s.log.Info("listening", "address", listener.Addr().String(), "dialect", own.name)
	return s.serveHTTP(ctx, listener, api.Alone(own.name, own.handler), func(ctx context.Context) error {
		return s.serveAlone(ctx, api, alone[1:], do)
	})
}
