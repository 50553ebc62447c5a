package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

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
//go:generate sh -c "go run -tags nomsgpack . spec --source ../.. methods > ../../docs/methods.md"

func specCommand() *cobra.Command {
	render := map[string]func(document.API) ([]byte, error){
		"openapi":     document.API.OpenAPI,
		"collection":  document.API.Postman,
		"environment": document.API.Environment,
	}
	cmd := &cobra.Command{
		Use:       "spec [openapi|collection|environment|methods]",
		Short:     "Print the API as OpenAPI, as a Postman collection and its environment, or as a list of methods",
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"openapi", "collection", "environment", "methods"},
	}
	dialect := cmd.Flags().String("dialect", "", "Another dialect than GREEN-API's.")
	source := cmd.Flags().String("source", ".", "Folder of greengate's sources, where the list of methods looks for its evidence.")
	render["methods"] = func(document.API) ([]byte, error) { return methodList(*dialect, *source) }
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

// methodList counts the evidence for the methods of GREEN-API's dialect and lists them.
func methodList(dialect, source string) ([]byte, error) {
	if dialect != "" {
		return nil, errors.New("methods are listed for GREEN-API's dialect only")
	}
	golden, err := filepath.Glob(filepath.Join(source, "handlers", "testdata", "golden", "*", "*.txtar"))
	if err != nil {
		return nil, err
	}
	e := handlers.Evidence{Exchanges: map[string]int{}}
	for _, file := range golden {
		e.Exchanges[filepath.Base(filepath.Dir(file))]++
	}
	clients, err := os.ReadFile(filepath.Join(source, "docs", "clients.json"))
	if err != nil {
		return nil, fmt.Errorf("look for greengate's sources: %w", err)
	}
	if err := json.Unmarshal(clients, &e.Clients); err != nil {
		return nil, fmt.Errorf("read clients.json: %w", err)
	}
	return []byte(handlers.MethodList(e)), nil
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
