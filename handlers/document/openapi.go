package document

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// OpenAPI renders the table as OpenAPI 3.1 in YAML.
func (a API) OpenAPI() ([]byte, error) {
	paths := Object{}
	for _, row := range a.Rows {
		operations, ok := paths[row.Path].(Object)
		if !ok {
			operations = Object{}
			paths[row.Path] = operations
		}
		operations[strings.ToLower(row.Verb)] = a.operation(&row)
	}
	components := Object{"schemas": Object{"Error": a.schema(a.Error)}}
	spec := Object{
		"openapi": "3.1.0",
		"info": Object{
			"title": a.Title, "version": a.Version, "description": a.About,
			"license": Object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers":    []Object{{"url": a.URL}},
		"paths":      paths,
		"components": components,
	}
	if a.Security != "" {
		components["securitySchemes"] = Object{"authorization": Object{"type": "http", "scheme": a.Security}}
		spec["security"] = []Object{{"authorization": []string{}}}
	}
	return yaml.Marshal(spec)
}

func (a *API) operation(r *Row) Object {
	responses := Object{}
	if r.Refused == 0 {
		responses[strconv.Itoa(r.status())] = a.success(r)
	}
	for _, failure := range a.Failures {
		responses[strconv.Itoa(failure.Status)] = failure.response()
	}
	operation := Object{
		"operationId": r.Name,
		"tags":        []string{r.Folder},
		"summary":     r.Summary,
		"responses":   responses,
	}
	if parameters := a.parameters(r); len(parameters) > 0 {
		operation["parameters"] = parameters
	}
	if body, ok := a.requestBody(r); ok {
		operation["requestBody"] = body
	}
	return operation
}

func (a *API) success(r *Row) Object {
	if r.Response == nil {
		return Object{"description": a.Success}
	}
	answer := Object{"schema": a.schema(r.Response)}
	if r.Answer != "" {
		answer["example"] = a.example(r.Answer)
	}
	return Object{"description": a.Success, "content": Object{"application/json": answer}}
}

func (f Failure) response() Object {
	response := Object{"description": f.Meaning}
	content := Object{}
	if f.Body {
		content["application/json"] = Object{"schema": Object{"$ref": "#/components/schemas/Error"}}
	}
	if f.Text {
		content["text/plain"] = Object{"schema": Object{"type": "string"}}
	}
	if len(content) > 0 {
		response["content"] = content
	}
	if f.RetryAfter {
		response["headers"] = Object{"Retry-After": Object{"schema": Object{"type": "integer"}, "description": "seconds"}}
	}
	return response
}

func (a *API) requestBody(r *Row) (Object, bool) {
	if r.Upload != "" {
		return Object{"required": true, "content": Object{"multipart/form-data": Object{"schema": a.formSchema(r)}}}, true
	}
	if r.Request == nil {
		return nil, false
	}
	schema := a.bodySchema(r)
	if properties, ok := schema["properties"].(Object); !ok || len(properties) == 0 {
		return nil, false
	}
	content := Object{"schema": schema}
	if r.Example != "" {
		content["example"] = a.example(r.Example)
	}
	return Object{"required": r.Example != "", "content": Object{"application/json": content}}, true
}

// formSchema describes a multipart body: the file and the texts beside it.
func (a *API) formSchema(r *Row) Object {
	required := []string{r.Upload}
	properties := Object{r.Upload: Object{"type": "string", "contentMediaType": "application/octet-stream"}}
	for _, field := range fields(r.Request) {
		if name := field.Tag.Get("form"); name != "" {
			properties[name] = a.fieldSchema(field)
			if field.Tag.Get("check") == "required" {
				required = append(required, name)
			}
		}
	}
	return Object{"type": "object", "required": required, "properties": properties}
}

// Serve answers GET /openapi.yaml and GET /postman.json and leaves every other request to next. The documents are made when they are
// asked for first.
func (a API) Serve(next http.Handler) http.Handler {
	spec, collection := sync.OnceValues(a.OpenAPI), sync.OnceValues(a.Postman)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet && r.URL.Path == "/openapi.yaml":
			answer(w, "application/yaml; charset=utf-8", spec)
		case r.Method == http.MethodGet && r.URL.Path == "/postman.json":
			answer(w, "application/json; charset=utf-8", collection)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func answer(w http.ResponseWriter, contentType string, document func() ([]byte, error)) {
	body, err := document()
	if err != nil { // the table cannot be described
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body)
}
