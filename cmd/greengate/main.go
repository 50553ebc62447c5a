// Command greengate is the one binary: the server, the demo, the simulated network and the tools around them.
//
// It only wires the other packages together. A command reads its configuration, starts the parts in the order in which they need
// each other, and on SIGINT or SIGTERM stops them in the reverse order; a second signal ends the process at once.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run()) }

// run is main with an exit code.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	err := rootCommand().ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case ctx.Err() == nil || !errors.Is(err, context.Canceled): // who has sent the signal knows
		fmt.Fprintln(os.Stderr, "greengate:", err)
	}
	return 1
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "greengate",
		Short:         "A self-hosted WhatsApp HTTP server that speaks GREEN-API's dialect",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(), demoCommand(), sandboxCommand(), instanceCommand(), specCommand(), configCommand(), versionCommand())
	return root
}

// setting is what a configured command runs with.
type setting struct {
	config
	log     *slog.Logger
	baseURL string // how clients reach the API, once its listener is open
}

// configured gives a command the configuration keys as flags and runs it with their values.
func configured(cmd *cobra.Command, run func(*cobra.Command, setting, []string) error) *cobra.Command {
	var c config
	keys := c.keys()
	cmd.Flags().SortFlags = false
	cmd.Flags().AddFlagSet(keys)
	cmd.Flags().StringVar(&c.file, "config", "", "Configuration file; without it config.yaml of the working directory, if there is one.")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := c.load(keys); err != nil {
			return err
		}
		log, err := newLogger(cmd.ErrOrStderr(), c.logLevel, c.logFormat)
		if err != nil {
			return err
		}
		return run(cmd, setting{config: c, log: log}, args)
	}
	return cmd
}
