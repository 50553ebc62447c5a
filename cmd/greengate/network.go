package main

import (
	"context"
	"errors"
	"net"

	"github.com/spf13/cobra"

	"greengate/instance"
	"greengate/sandbox"
)

func sandboxCommand() *cobra.Command {
	return configured(&cobra.Command{
		Use:   "sandbox",
		Short: "Run the simulated WhatsApp by itself, for servers and tests in other processes",
		Args:  cobra.NoArgs,
	}, func(cmd *cobra.Command, s setting, _ []string) error {
		return s.withWorld(cmd.Context(), func(_ *sandbox.World, controlURL string) error {
			cmd.Println("control API:", controlURL)
			<-cmd.Context().Done()
			return nil
		})
	})
}

// withNetwork opens the way to the configured network: WhatsApp, a sandbox in another process, or one in this process.
func (s setting) withNetwork(ctx context.Context, use func(context.Context, instance.Network) error) error {
	switch {
	case s.network == "whatsapp":
		return use(ctx, instance.Network{})
	case s.controlURL != "":
		network, err := sandbox.Reach(ctx, s.controlURL)
		if err != nil {
			return err
		}
		return use(ctx, wayTo(network))
	default:
		return s.withWorld(ctx, func(w *sandbox.World, controlURL string) error {
			s.log.Info("sandbox", "control", controlURL)
			return use(ctx, wayTo(w.Network()))
		})
	}
}

func wayTo(n sandbox.Network) instance.Network {
	return instance.Network{RootKey: &n.RootKey, DialContext: n.DialContext, RootCAs: n.CertPool}
}

// withWorld runs a sandbox with its control API while use runs. Other processes reach its network on a port of its own, which the
// control API tells them.
func (s setting) withWorld(ctx context.Context, use func(w *sandbox.World, controlURL string) error) error {
	control, err := listen(ctx, s.controlListen)
	if err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(control.Addr().String())
	wire, err := listen(ctx, net.JoinHostPort(host, "0"))
	if err != nil {
		return errors.Join(err, control.Close())
	}
	controlURL := "http://" + control.Addr().String()
	world, err := sandbox.New(sandbox.Options{
		Log: s.log, PictureInterval: s.pictureInterval, PictureBaseURL: controlURL, FewPreKeys: true,
	})
	if err != nil {
		return errors.Join(err, control.Close(), wire.Close())
	}
	defer world.Close()
	wired, cut := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- world.Serve(wired, wire) }()
	err = s.serveHTTP(wired, control, world.Control(wire.Addr().String()), func(context.Context) error {
		defer cut()
		return use(world, controlURL)
	})
	return errors.Join(err, <-served)
}
