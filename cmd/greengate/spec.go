package main

import (
	"github.com/spf13/cobra"

	"greengate/handlers"
)

//go:generate sh -c "mkdir -p ../../postman"
//go:generate sh -c "go run -tags nomsgpack . spec > ../../postman/openapi.yaml"
//go:generate sh -c "go run -tags nomsgpack . spec collection > ../../postman/collection.json"
//go:generate sh -c "go run -tags nomsgpack . spec environment > ../../postman/environment.json"

func specCommand() *cobra.Command {
	documents := map[string]func() ([]byte, error){
		"openapi":     func() ([]byte, error) { return handlers.OpenAPI("", "") },
		"collection":  handlers.PostmanCollection,
		"environment": handlers.PostmanEnvironment,
	}
	return &cobra.Command{
		Use:       "spec [openapi|collection|environment]",
		Short:     "Print the API as OpenAPI, or as a Postman collection and its environment",
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"openapi", "collection", "environment"},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := "openapi"
			if len(args) == 1 {
				name = args[0]
			}
			document, err := documents[name]()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(append(document, '\n'))
			return err
		},
	}
}
