package handlers

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Evidence is what shows that methods work: how many exchanges are recorded of each, and which ones answered each client with 200.
type Evidence struct {
	Exchanges map[string]int      // by method
	Clients   map[string][]string // by client
}

const methodListIntro = `# Methods

This page is written by ` + "`make generate`" + ` from the method table, which also makes the routes, the OpenAPI description and the Postman collection.

- *On WhatsApp* tells what becomes of a call there. All tests run on the simulated network, which speaks WhatsApp's protocol.
- *Golden* counts the recorded exchanges of a request and its answer, [good and bad](../handlers/testdata/golden).
- *Clients* names those whose calls the built binary has answered with 200 in ` + "`make clients`" + `, from [clients.json](clients.json).
- The section Extras is ours. GREEN-API has nothing like it.

| Method | Verb | Section | What it does | On WhatsApp | Golden | Clients |
| --- | --- | --- | --- | --- | ---: | --- |
`

// MethodList is the method table as a page in Markdown, in the order of the reference.
func MethodList(e Evidence) string {
	var page strings.Builder
	page.WriteString(methodListIntro)
	for _, m := range Methods() {
		var clients []string
		for _, client := range slices.Sorted(maps.Keys(e.Clients)) {
			if slices.Contains(e.Clients[client], m.Name) {
				clients = append(clients, client)
			}
		}
		section := string(m.Section)
		if m.Section == SectionExtras {
			section += " (ours)"
		}
		fmt.Fprintf(&page, "| %s | %s | %s | %s | %s | %d | %s |\n", m.Name, m.Verb, section, m.Summary, cmp.Or(m.Works, "yes"),
			e.Exchanges[m.Name], strings.Join(clients, ", "))
	}
	return strings.TrimSuffix(page.String(), "\n")
}
