package handlers

import (
	"encoding/json"
	"slices"
	"strings"
)

const postmanSchema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

// passes is the test that each request of the collection carries.
const passes = "pm.test(pm.info.requestName + ' answers 200', () => pm.response.to.have.status(200));"

// PostmanCollection renders the method table as a Postman collection, one folder a section, that can be run from top to bottom.
func PostmanCollection() ([]byte, error) {
	var folders []object
	for _, row := range runOrder(Methods()) {
		if n := len(folders); n == 0 || folders[n-1]["name"] != string(row.Section) {
			folders = append(folders, object{"name": string(row.Section), "item": []object{}})
		}
		last := folders[len(folders)-1]
		last["item"] = append(last["item"].([]object), row.postmanItem())
	}
	return json.MarshalIndent(object{
		"info": object{"name": "greengate", "schema": postmanSchema},
		"item": folders,
	}, "", "  ")
}

// PostmanEnvironment renders the variables of the collection, to be filled with one's own.
func PostmanEnvironment() ([]byte, error) {
	values := []object{{"key": "apiUrl", "value": "http://127.0.0.1:8080", "enabled": true}}
	for name, value := range exampleValues {
		values = append(values, object{"key": name, "value": value, "enabled": true})
	}
	slices.SortFunc(values, func(a, b object) int { return strings.Compare(a["key"].(string), b["key"].(string)) })
	return json.MarshalIndent(object{"name": "greengate", "values": values}, "", "  ")
}

// runOrder puts partner methods first, since they need no linked account, and last what ends the session, wants it ended, or ends the
// token.
func runOrder(rows []Method) []Method {
	rank := func(m Method) int {
		switch {
		case m.Section == SectionPartner:
			return 0
		case m.Name == "logout":
			return 2
		case m.Name == "getAuthorizationCode":
			return 3
		case m.Name == "updateApiToken":
			return 4
		default:
			return 1
		}
	}
	slices.SortStableFunc(rows, func(a, b Method) int { return rank(a) - rank(b) })
	return rows
}

func (m *Method) postmanItem() object {
	path := strings.NewReplacer("{idInstance}", "{{idInstance}}", "{apiTokenInstance}", "{{apiTokenInstance}}",
		"{partnerToken}", "{{partnerToken}}").Replace(m.Path())
	request := object{
		"method":      m.Verb,
		"description": m.Summary,
		"url":         object{"raw": "{{apiUrl}}" + path, "host": []string{"{{apiUrl}}"}, "path": strings.Split(path, "/")[1:]},
	}
	switch {
	case m.Upload != "":
		request["body"] = object{"mode": "formdata", "formdata": []object{{"key": m.Upload, "type": "file", "src": "{{photo}}"}}}
	case m.Example != "":
		request["header"] = []object{{"key": "Content-Type", "value": "application/json"}}
		request["body"] = object{"mode": "raw", "raw": m.Example}
	}
	script := []string{passes}
	if m.Name == "createInstance" {
		script = append(script, "pm.environment.set('deleteIdInstance', pm.response.json().idInstance);")
	}
	if m.Name == "updateApiToken" {
		script = append(script, "pm.environment.set('apiTokenInstance', pm.response.json().apiTokenInstance);")
	}
	return object{
		"name": m.Name, "request": request,
		"event": []object{{"listen": "test", "script": object{"type": "text/javascript", "exec": script}}},
	}
}
