package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

//go:generate sh -c "go run -tags nomsgpack . config > ../../config.yaml"

func configCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Print a commented config.yaml that holds every default",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return writeSample(cmd.OutOrStdout())
		},
	}
}

// writeSample writes config.yaml: every key under its section, with its help text and default.
func writeSample(w io.Writer) error {
	keys := new(config).keys()
	var b strings.Builder
	b.WriteString(`# Configuration of greengate. Every key may be left out; the values shown are the defaults.
# A flag (--store.dsn) wins over an environment variable (GREENGATE_STORE_DSN), and that over this file.
# Generated from the program's own table of keys by 'greengate config'.
`)
	section := ""
	for _, key := range list(keys) {
		writeKey(&b, key, &section)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeKey(b *strings.Builder, key *pflag.Flag, section *string) {
	in, name, nested := strings.Cut(key.Name, ".")
	indent := "  "
	if !nested {
		in, name, indent = "", key.Name, ""
	}
	b.WriteString("\n")
	if in != *section {
		*section = in
		if nested {
			fmt.Fprintf(b, "%s:\n", in)
		}
	}
	for _, line := range wrap(key.Usage, 100-len(indent)) {
		fmt.Fprintf(b, "%s# %s\n", indent, line)
	}
	fmt.Fprintf(b, "%s%s: %s\n", indent, name, yamlText(key))
}

// yamlText quotes texts and leaves numbers bare.
func yamlText(key *pflag.Flag) string {
	if key.Value.Type() == "number" {
		return key.DefValue
	}
	return fmt.Sprintf("%q", key.DefValue)
}

// wrap breaks a text at spaces into lines of at most width bytes.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
