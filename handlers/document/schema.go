package document

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

// schema describes how a Go type looks in JSON, as OpenAPI 3.1 (JSON Schema 2020-12) writes it.
func (a *API) schema(t reflect.Type) Object {
	if known, ok := a.Schemas[t]; ok {
		return maps.Clone(known)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(a.schema(t.Elem()))
	case reflect.Slice:
		return Object{"type": "array", "items": a.schema(t.Elem())}
	case reflect.Map:
		return Object{"type": "object", "additionalProperties": a.schema(t.Elem())}
	case reflect.Interface:
		return Object{}
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return Object{"type": "string", "format": "date-time"}
		}
		return a.structSchema(t)
	case reflect.Bool:
		return Object{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32:
		return Object{"type": "integer"}
	case reflect.Float64:
		return Object{"type": "number"}
	default:
		return Object{"type": "string"}
	}
}

func nullable(schema Object) Object {
	if kind, ok := schema["type"].(string); ok {
		schema["type"] = []string{kind, "null"}
	}
	return schema
}

func (a *API) structSchema(t reflect.Type) Object {
	properties, required := Object{}, []string{}
	for _, field := range fields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		properties[name] = a.fieldSchema(field)
		if field.Tag.Get("check") == "required" {
			required = append(required, name)
		}
	}
	schema := Object{"type": "object", "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

// bodySchema leaves out what GET takes from the query, although other verbs take it from the body.
func (a *API) bodySchema(r *Row) Object {
	schema := a.schema(r.Request)
	if r.Verb != http.MethodGet || r.Request.Kind() != reflect.Struct {
		return schema
	}
	for _, field := range fields(r.Request) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); field.Tag.Get("query") != "" {
			delete(schema["properties"].(Object), name)
		}
	}
	return schema
}

func (a *API) fieldSchema(field reflect.StructField) Object {
	schema := a.schema(field.Type)
	for _, key := range []string{"format", "doc"} {
		if text := field.Tag.Get(key); text != "" {
			schema[strings.Replace(key, "doc", "description", 1)] = text
		}
	}
	return schema
}

// fields are the exported fields of a struct, those of embedded structs included; another type has none.
func fields(t reflect.Type) []reflect.StructField {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	return slices.DeleteFunc(reflect.VisibleFields(t), func(field reflect.StructField) bool {
		return !field.IsExported() || field.Anonymous
	})
}

// parameters are those of the path, then those of the query and the header.
func (a *API) parameters(r *Row) []Object {
	var list []Object
	for _, match := range pathParameter.FindAllStringSubmatch(r.Path, -1) {
		example := a.example("{{" + match[1] + "}}")
		kind := "string"
		if _, number := example.(float64); number {
			kind = "integer"
		}
		list = append(list, Object{
			"name": match[1], "in": "path", "required": true, "schema": Object{"type": kind}, "example": example,
		})
	}
	for _, field := range slices.Concat(fields(r.Request), fields(r.Also)) {
		for _, place := range []string{"query", "header"} {
			if name, _, _ := strings.Cut(field.Tag.Get(place), ","); name != "" {
				list = append(list, Object{
					"name": name, "in": place, "required": field.Tag.Get("check") == "required", "schema": a.fieldSchema(field),
				})
			}
		}
	}
	return list
}
