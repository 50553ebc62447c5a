package document

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

const (
	postmanSchema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
	thisServer    = "http://127.0.0.1:8080"
)

// Postman renders the table as a Postman collection, one folder after the other, that can be run from top to bottom.
func (a API) Postman() ([]byte, error) {
	folders := []Object{}
	for _, row := range a.Rows {
		if n := len(folders); n == 0 || folders[n-1]["name"] != row.Folder {
			folders = append(folders, Object{"name": row.Folder, "item": []Object{}})
		}
		last := folders[len(folders)-1]
		last["item"] = append(last["item"].([]Object), a.postmanItem(&row))
	}
	collection := Object{
		"info": Object{"name": a.Title, "schema": postmanSchema},
		"item": folders,
	}
	if a.Security != "" {
		collection["auth"] = postmanAuth(a.Security)
	}
	return json.MarshalIndent(collection, "", "  ")
}

// Environment renders the variables of the collection, to be filled with one's own.
func (a API) Environment() ([]byte, error) {
	base := a.URL
	if strings.HasPrefix(base, "/") {
		base = strings.TrimSuffix(thisServer+base, "/")
	}
	values := []Object{{"key": "apiUrl", "value": base, "enabled": true}}
	for name, value := range a.Variables {
		values = append(values, Object{"key": name, "value": value, "enabled": true})
	}
	slices.SortFunc(values, func(a, b Object) int { return strings.Compare(a["key"].(string), b["key"].(string)) })
	return json.MarshalIndent(Object{"name": a.Title, "values": values}, "", "  ")
}

// postmanAuth takes the variables token, or username and password.
func postmanAuth(scheme string) Object {
	names := []string{"token"}
	if scheme == "basic" {
		names = []string{"username", "password"}
	}
	var values []Object
	for _, name := range names {
		values = append(values, Object{"key": name, "value": "{{" + name + "}}", "type": "string"})
	}
	return Object{"type": scheme, scheme: values}
}

func (a *API) postmanItem(r *Row) Object {
	request := Object{"method": r.Verb, "description": r.Summary, "url": r.postmanURL()}
	switch {
	case r.Upload != "":
		request["body"] = Object{"mode": "formdata", "formdata": a.postmanForm(r)}
	case r.Example != "":
		request["header"] = []Object{{"key": "Content-Type", "value": "application/json"}}
		request["body"] = Object{"mode": "raw", "raw": r.Example}
	}
	test := fmt.Sprintf("pm.test(pm.info.requestName + ' answers %[1]d', () => pm.response.to.have.status(%[1]d));", r.status())
	if r.Pending != 0 {
		test = fmt.Sprintf("pm.test(pm.info.requestName + ' answers %[1]d or %[2]d', () => pm.expect(pm.response.code).to.be.oneOf([%[1]d, %[2]d]));",
			r.status(), r.Pending)
	}
	return Object{
		"name": r.Name, "request": request,
		"event": []Object{{"listen": "test", "script": Object{"type": "text/javascript", "exec": append([]string{test}, r.Script...)}}},
	}
}

// postmanForm has the file and the texts beside it; those that are no variables may be left out, and are.
func (a *API) postmanForm(r *Row) []Object {
	form := []Object{{"key": r.Upload, "type": "file", "src": "{{photo}}"}}
	for _, field := range fields(r.Request) {
		name := field.Tag.Get("form")
		if name == "" {
			continue
		}
		text := Object{"key": name, "type": "text", "value": "{{" + name + "}}"}
		if _, known := a.Variables[name]; !known {
			text["disabled"] = true
		}
		form = append(form, text)
	}
	return form
}

func (r *Row) postmanURL() Object {
	path := pathParameter.ReplaceAllString(r.Path, "{{$1}}")
	raw := "{{apiUrl}}" + path
	address := Object{"host": []string{"{{apiUrl}}"}, "path": strings.Split(path, "/")[1:]}
	if r.Query != "" {
		raw += "?" + r.Query
		var query []Object
		for pair := range strings.SplitSeq(r.Query, "&") {
			key, value, _ := strings.Cut(pair, "=")
			if plain, err := url.QueryUnescape(value); err == nil {
				value = plain
			}
			query = append(query, Object{"key": key, "value": value})
		}
		address["query"] = query
	}
	address["raw"] = raw
	return address
}
