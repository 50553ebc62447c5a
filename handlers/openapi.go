package handlers

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"go.yaml.in/yaml/v3"
)

// documents serves what is generated from the table, so that a running server describes itself.
func documents(engine *gin.Engine, o Options) {
	spec, err := OpenAPI(o.PublicURL, o.Version)
	if err != nil {
		panic(err) // the table cannot be described: a mistake of ours that every test finds
	}
	collection, err := PostmanCollection()
	if err != nil {
		panic(err)
	}
	engine.GET("/openapi.yaml", func(c *gin.Context) { c.Data(http.StatusOK, "application/yaml; charset=utf-8", spec) })
	engine.GET("/postman.json", func(c *gin.Context) { c.Data(http.StatusOK, "application/json; charset=utf-8", collection) })
}

// OpenAPI renders the method table as OpenAPI 3.1 in YAML. An empty publicURL leaves the server relative.
func OpenAPI(publicURL, version string) ([]byte, error) {
	if publicURL == "" {
		publicURL = "/"
	}
	if version == "" {
		version = "dev"
	}
	paths := object{}
	for _, row := range Methods() {
		operations, ok := paths[row.Path()].(object)
		if !ok {
			operations = object{}
			paths[row.Path()] = operations
		}
		operations[strings.ToLower(row.Verb)] = row.operation()
	}
	return yaml.Marshal(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "greengate", "version": version,
			"description": "A GREEN-API-compatible WhatsApp server. Method names are matched without regard to case.",
			"license":     object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers": []object{{"url": publicURL}},
		"paths":   paths,
		"components": object{"schemas": object{"Error": object{
			"type": "object",
			"properties": object{
				"statusCode": object{"type": "integer"},
				"timestamp":  object{"type": "string", "format": "date-time"},
				"path":       object{"type": "string", "description": "the path, its token masked"},
				"message":    object{"type": "string"},
			},
		}}},
	})
}

// operation describes one method.
func (m *Method) operation() object {
	answer := object{"schema": schemaOf(m.Response)}
	if m.Answer != "" {
		answer["example"] = example(m.Answer)
	}
	operation := object{
		"operationId": m.Name,
		"tags":        []string{string(m.Section)},
		"summary":     m.Summary,
		"parameters":  m.pathParameters(),
		"responses": object{
			"200": object{"description": "Done, or refused by WhatsApp as the body says", "content": object{"application/json": answer}},
			"400": errorResponse("Bad input, or the instance is not ready: bare text or an error object"),
			"401": object{"description": "Wrong token; no body"},
			"403": errorResponse("No such instance"),
			"429": object{"description": "More calls than the method allows", "headers": object{"Retry-After": object{
				"schema": object{"type": "integer"}, "description": "seconds",
			}}},
		},
	}
	if body, ok := m.requestBody(); ok {
		operation["requestBody"] = body
	}
	return operation
}

func (m *Method) requestBody() (object, bool) {
	if m.Upload != "" {
		return object{"required": true, "content": object{"multipart/form-data": object{"schema": object{
			"type": "object", "required": []string{m.Upload},
			"properties": object{m.Upload: object{"type": "string", "contentMediaType": "application/octet-stream"}},
		}}}}, true
	}
	schema, ok := m.bodySchema()
	if !ok {
		return nil, false
	}
	content := object{"schema": schema}
	if m.Example != "" {
		content["example"] = example(m.Example)
	}
	return object{"required": m.Example != "", "content": object{"application/json": content}}, true
}

func (m *Method) pathParameters() []object {
	if m.Section == SectionPartner {
		return []object{pathParameter("partnerToken", "string")}
	}
	return []object{pathParameter("idInstance", "integer"), pathParameter("apiTokenInstance", "string")}
}

func pathParameter(name, kind string) object {
	return object{"name": name, "in": "path", "required": true, "schema": object{"type": kind}, "example": example("{{" + name + "}}")}
}

func errorResponse(description string) object {
	return object{"description": description, "content": object{
		"application/json": object{"schema": object{"$ref": "#/components/schemas/Error"}},
		"text/plain":       object{"schema": object{"type": "string"}},
	}}
}
