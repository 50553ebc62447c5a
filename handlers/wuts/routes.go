package wuts

import (
	"log/slog"
	"net/http"
	"reflect"

	"greengate/handlers/document"
	"greengate/instance"
)

// Config says who may call. MaxPicture is in bytes.
type Config struct {
	Users      []User
	MaxPicture int64
}

// New returns the dialect's handler.
func New(c Config, m *instance.Manager, log *slog.Logger) http.Handler {
	return http.NotFoundHandler()
}

// Document describes the dialect.
func Document(url, version string) document.API {
	return document.API{
		Title: "greengate: WUTS", URL: url, Version: version, Error: reflect.TypeFor[struct{}](),
	}
}
