package main

import (
	"context"
	"time"

	"greengate/instance"
)

// linkAccount hands every QR code to show, as each replaces the one before, and returns when the instance is authorized.
func linkAccount(ctx context.Context, i *instance.Instance, show func(code string) error) error {
	shown := ""
	for {
		changed := i.Changed()
		if i.Status().State == instance.StateAuthorized {
			return nil
		}
		code, err := i.QR(ctx)
		renewal := time.NewTimer(time.Until(code.ExpiresAt))
		switch {
		case err != nil && instance.AsError(err).Kind == instance.KindAlreadyAuthorized:
			renewal.Stop() // linked, and about to log in
		case err != nil:
			return err
		case code.Text != shown:
			shown = code.Text
			if err := show(shown); err != nil {
				return err
			}
		}
		select {
		case <-changed:
		case <-renewal.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		renewal.Stop()
	}
}
