package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/mdp/qrterminal/v3"
	"github.com/spf13/cobra"

	"greengate/instance"
	"greengate/store"
)

func instanceCommand() *cobra.Command {
	parent := &cobra.Command{
		Use:   "instance",
		Short: "Create, list, link and delete instances while no server runs on the same store",
	}
	parent.AddCommand(instanceCreate(), instanceList(), instanceToken(), instanceQR(), instanceDelete())
	return parent
}

// onManager is a configured command that works on the store without starting its instances.
func onManager(cmd *cobra.Command, run func(*cobra.Command, *instance.Manager, *store.Store, []string) error) *cobra.Command {
	return configured(cmd, func(cmd *cobra.Command, s setting, args []string) error {
		return s.withNetwork(cmd.Context(), func(ctx context.Context, network instance.Network) error {
			return s.withManager(ctx, network, func(m *instance.Manager, db *store.Store) error {
				return run(cmd, m, db, args)
			})
		})
	})
}

// onInstance is a command on the one instance that its argument names.
func onInstance(cmd *cobra.Command, run func(*cobra.Command, *instance.Manager, *instance.Instance) error) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	return onManager(cmd, func(cmd *cobra.Command, m *instance.Manager, _ *store.Store, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not the id of an instance", args[0])
		}
		i, err := m.Take(cmd.Context(), instance.ID(id))
		if err != nil {
			return err
		}
		return run(cmd, m, i)
	})
}

func instanceCreate() *cobra.Command {
	var name, owner string
	cmd := onManager(&cobra.Command{
		Use:   "create",
		Short: "Create an instance and print its id and token",
		Args:  cobra.NoArgs,
	}, func(cmd *cobra.Command, m *instance.Manager, _ *store.Store, _ []string) error {
		i, token, err := m.Create(cmd.Context(), instance.New{Name: name, Owner: owner})
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "idInstance        %d\napiTokenInstance  %s\n", i.ID, string(token))
		return nil
	})
	cmd.Flags().StringVar(&name, "name", "", "Name of the instance, for people.")
	cmd.Flags().StringVar(&owner, "owner", "", "Tenant that reaches the instance through the dialects with tenants.")
	return cmd
}

func instanceList() *cobra.Command {
	return onManager(&cobra.Command{
		Use:   "list",
		Short: "List the instances",
		Args:  cobra.NoArgs,
	}, func(cmd *cobra.Command, _ *instance.Manager, db *store.Store, _ []string) error {
		rows, err := db.Instances(cmd.Context())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tSTATE\tCREATED\tNAME")
		for _, row := range rows {
			if row.DeletedAt.IsZero() {
				fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", row.ID, row.State, row.CreatedAt.Format(time.DateTime), row.Name)
			}
		}
		return table.Flush()
	})
}

func instanceToken() *cobra.Command {
	var renew bool
	cmd := onInstance(&cobra.Command{
		Use:   "token ID",
		Short: "Print the token of an instance, or issue a new one",
	}, func(cmd *cobra.Command, _ *instance.Manager, i *instance.Instance) (err error) {
		token := i.Token()
		if renew {
			if token, err = i.UpdateToken(cmd.Context()); err != nil {
				return err
			}
		}
		if token == "" {
			return errors.New("only the token's hash is stored, for it was issued without the present partner token; --renew issues a new one")
		}
		fmt.Fprintln(cmd.OutOrStdout(), string(token))
		return nil
	})
	cmd.Flags().BoolVar(&renew, "renew", false, "Issue a new token; the old one is refused from then on.")
	return cmd
}

func instanceDelete() *cobra.Command {
	return onInstance(&cobra.Command{
		Use:   "delete ID",
		Short: "Delete an instance and its keys; remove the linked device on the phone too",
	}, func(cmd *cobra.Command, m *instance.Manager, i *instance.Instance) error {
		return m.Delete(cmd.Context(), i.ID)
	})
}

func instanceQR() *cobra.Command {
	return onInstance(&cobra.Command{
		Use:   "qr ID",
		Short: "Show the QR code to scan in WhatsApp under Linked devices, until an account is linked",
	}, func(cmd *cobra.Command, _ *instance.Manager, i *instance.Instance) error {
		return linkAccount(cmd.Context(), i, func(code string) error {
			qrterminal.GenerateHalfBlock(code, qrterminal.L, cmd.OutOrStdout())
			fmt.Fprintln(cmd.OutOrStdout(), "WhatsApp > Linked devices > Link a device")
			return nil
		})
	})
}
