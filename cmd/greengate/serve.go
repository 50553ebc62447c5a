package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greengate/handlers"
	"greengate/instance"
	"greengate/instance/egress"
	"greengate/media"
	"greengate/media/files"
	"greengate/store"
)

// stopWithin bounds each step of a graceful stop.
const stopWithin = 10 * time.Second

func serveCommand() *cobra.Command {
	return configured(&cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Args:  cobra.NoArgs,
	}, func(cmd *cobra.Command, s setting, _ []string) error {
		return s.withNetwork(cmd.Context(), func(ctx context.Context, network instance.Network) error {
			listener, err := s.open(ctx)
			if err != nil {
				return err
			}
			defer listener.Close()
			return s.withManager(ctx, network, func(m *instance.Manager, db *store.Store) error {
				if err := m.Start(ctx); err != nil {
					return err
				}
				return s.serveAPI(ctx, m, db, listener, nil)
			})
		})
	})
}

// withManager opens the store and a Manager on the network, lends them to use, and closes both in the reverse order.
func (s setting) withManager(ctx context.Context, network instance.Network, use func(*instance.Manager, *store.Store) error) (err error) {
	if s.proxy != "" {
		if network.Proxy, err = url.Parse(s.proxy); err != nil {
			return errors.New("config: proxy: not a URL")
		}
	}
	db, err := store.Open(ctx, s.dsn, instance.NewWALogger(ctx, s.log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	kept, err := files.Open(s.filesFolder(), files.Limits{Cache: s.cacheBytes})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	outside := egress.New(egress.Policy{Allow: s.egressAllow})
	defer outside.Close()
	m := instance.NewManager(instance.Options{
		Store: db, Files: kept, Network: network, Log: s.log, PartnerToken: instance.Token(s.partnerToken), PictureInterval: s.pictureInterval,
		MinDelay: s.sendDelay, Correspondents: s.correspondents, Egress: outside, PublicURL: s.baseURL,
		WebhookRetry: s.webhookRetry, WebhookTimeout: s.webhookTimeout,
		Pictures: media.NewPictures(media.Limits{MaxBytes: s.bodyBytes, MaxPixels: s.picturePixels, Memory: s.pictureMemoryBytes}),
	})
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		err = errors.Join(err, m.Stop(ctx))
	}()
	return use(m, db)
}

// serveAPI serves the HTTP API until ctx ends. Unless it is nil, started is called once the API can be reached.
func (s setting) serveAPI(ctx context.Context, m *instance.Manager, db *store.Store, listener net.Listener, started func() error) error {
	mounts, alone, err := s.place(m)
	if err != nil {
		return err
	}
	api := handlers.New(handlers.Options{
		Manager: m, Log: s.log, PartnerToken: instance.Token(s.partnerToken), PublicURL: s.publicURL,
		MaxUpload: s.bodyBytes, Unlimited: !s.methodRates, Version: version, Ready: db.Ping, Mounts: mounts,
	})
	s.log.Info("listening", "address", listener.Addr().String(), "network", s.network, "version", version)
	err = s.serveHTTP(ctx, listener, api, func(ctx context.Context) error {
		return s.serveAlone(ctx, api, alone, func() error {
			if started == nil {
				return nil
			}
			return started()
		})
	})
	s.log.Info("stopped listening")
	return err
}

// open opens the listener of the HTTP API, and notes how clients reach it.
func (s *setting) open(ctx context.Context) (net.Listener, error) {
	listener, err := listen(ctx, s.listen)
	if err == nil {
		s.baseURL = cmp.Or(s.publicURL, "http://"+listener.Addr().String())
	}
	return listener, err
}

// filesFolder is where files are kept: beside the database.
func (s setting) filesFolder() string {
	if s.files != "" {
		return s.files
	}
	return filepath.Join(filepath.Dir(strings.TrimPrefix(s.dsn, "file:")), "files")
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

// serveHTTP serves while do runs and then until ctx ends, or until do fails. The context of do ends when serving fails as well. It lets requests in flight end before it returns, and
// cuts those that take too long.
func (s setting) serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, do func(context.Context) error) error {
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server := &http.Server{
		Handler:           handler,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	serving, fail := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		fail(fmt.Errorf("serve: %w", server.Serve(listener)))
	}()
	err := do(serving)
	if err == nil {
		<-serving.Done()
		if ctx.Err() == nil {
			err = context.Cause(serving)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close()
	}
	<-ended
	return err
}
