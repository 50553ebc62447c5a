package handlers

import (
	"encoding/json"
	"reflect"
	"strings"

	"greengate/instance"
)

// object is a JSON object of a generated document.
type object = map[string]any

// schemaOf describes how a Go type looks in JSON, as OpenAPI 3.1 (JSON Schema 2020-12) writes it.
func schemaOf(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[instance.YesNo]():
		return object{"type": "string", "enum": []string{"yes", "no"}}
	case reflect.TypeFor[phoneDigits]():
		return object{"type": []string{"integer", "string"}, "description": "digits, international"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := schemaOf(t.Elem())
		inner["type"] = []string{inner["type"].(string), "null"}
		return inner
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Struct:
		return structSchema(t)
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	default:
		return object{"type": "string"}
	}
}

func structSchema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for n := range t.NumField() {
		field := t.Field(n)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous:
			inner := structSchema(field.Type)
			for key, value := range inner["properties"].(object) {
				properties[key] = value
			}
		case field.IsExported() && name != "":
			properties[name] = schemaOf(field.Type)
			if field.Tag.Get("check") == "required" {
				required = append(required, name)
			}
		}
	}
	schema := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

// bodySchema is the schema of a method's JSON body; ok is false when it takes none.
func (m *Method) bodySchema() (schema object, ok bool) {
	t := m.Request
	if custom, has := reflect.New(t).Interface().(interface{ schema() reflect.Type }); has {
		t = custom.schema()
	}
	schema = schemaOf(t)
	return schema, m.Upload == "" && len(schema["properties"].(object)) > 0
}

// example is the method's example as JSON, with Postman's variables replaced by values that could be real.
func example(text string) any {
	for name, value := range exampleValues {
		text = strings.ReplaceAll(text, "{{"+name+"}}", value)
	}
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return text
	}
	return parsed
}

// exampleValues are the variables of examples; the Postman environment starts with them.
var exampleValues = map[string]string{
	"idInstance":       "1101000001",
	"apiTokenInstance": "0123456789abcdef0123456789abcdef0123456789abcdef01",
	"partnerToken":     "gac.0123456789abcdef0123456789abcdef0123456789abcdef01",
	"chatId":           "15550002222@c.us",
	"phoneNumber":      "15550002222",
	"deleteIdInstance": "1101000002",
	"photo":            "media/testdata/sample.jpg",
}
