package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"greengate/handlers"
	"greengate/handlers/document"
)

//go:generate sh -c "mkdir -p ../../postman/wuts ../../postman/gowa ../../postman/wahost"
//go:generate sh -c "go run -tags nomsgpack . spec > ../../postman/openapi.yaml"
//go:generate sh -c "go run -tags nomsgpack . spec collection > ../../postman/collection.json"
//go:generate sh -c "go run -tags nomsgpack . spec environment > ../../postman/environment.json"
//go:generate sh -c "go run -tags nomsgpack . spec --dialect wuts > ../../postman/wuts/openapi.yaml"
//go:generate sh -c "go run -tags nomsgpack . spec --dialect wuts collection > ../../postman/wuts/collection.json"
//go:generate sh -c "go run -tags nomsgpack . spec --dialect wuts environment > ../../postman/wuts/environment.json"
//go:generate sh -c "go run -tags nomsgpack . spec --dialect gowa > ../../postman/gowa/openapi.yaml"
//go:generate sh -c "go run -tags nomsgpack . spec --dialect gowa collection > ../../postman/gowa/collection.json"
//go:generate sh -c "go run -tags nomsgpack . spec --dialect gowa environment > ../../postman/gowa/environment.json"
//go:generate sh -c "go run -tags nomsgpack . spec --dialect wahost > ../../postman/wahost/openapi.yaml"
//go:generate sh -c "go run -tags nomsgpack . spec --dialect wahost collection > ../../postman/wahost/collection.json"
//go:generate sh -c "go run -tags nomsgpack . spec --dialect wahost environment > ../../postman/wahost/environment.json"

func specCommand() *cobra.Command {
	render := map[string]func(document.API) ([]byte, error){
		"openapi":     document.API.OpenAPI,
		"collection":  document.API.Postman,
		"environment": document.API.Environment,
	}
	cmd := &cobra.Command{
		Use:       "spec [openapi|collection|environment]",
		Short:     "Print the API as OpenAPI, or as a Postman collection and its environment",
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"openapi", "collection", "environment"},
	}
	dialect := cmd.Flags().String("dialect", "", "Another dialect than GREEN-API's.")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		api, err := documentOf(*dialect)
		if err != nil {
			return err
		}
		name := "openapi"
		if len(args) == 1 {
			name = args[0]
		}
		text, err := render[name](api)
		if err != nil {
			return err
		}
		_, err = cmd.OutOrStdout().Write(append(text, '\n'))
		return err
	}
	return cmd
}

// documentOf describes one dialect; the empty name is GREEN-API's.
func documentOf(dialect string) (document.API, error) {
	if dialect == "" {
		return handlers.Document("", ""), nil
	}
	var defaults config
	defaults.keys()
	for _, d := range defaults.dialects() {
		if d.name == dialect {
			return d.document(d.place.prefix, "dev"), nil
		}
	}
	return document.API{}, fmt.Errorf("unknown dialect %q", dialect)
}
