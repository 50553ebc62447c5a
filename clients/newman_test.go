package clients

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
)

// newman runs a collection of ../postman, of the main dialect or another, with variables of the environment set.
func (d demo) newman(t *testing.T, dialect string, variables map[string]string) {
	t.Helper()
	folder := "../postman/" + dialect
	args := []string{"run", folder + "/collection.json", "-e", folder + "/environment.json", "--color", "off", "--working-dir=.."}
	for name, value := range variables {
		args = append(args, "--env-var", name+"="+value)
	}
	d.run(t, "node_modules/.bin/newman", args...)
}

func TestPostmanCollection(t *testing.T) {
	exercise(t, "newman").section("all", func(t *testing.T, d demo) {
		picture, err := os.ReadFile(photo)
		if err != nil {
			t.Fatal(err)
		}
		d.newman(t, "", map[string]string{
			"apiUrl": d["apiUrl"], "idInstance": d["idInstance"], "apiTokenInstance": d["apiTokenInstance"], "partnerToken": d["partnerToken"],
			"idMessageOfFile": d.shows(t, "image", picture),
		})
	})
}

func TestPostmanCollectionsOfOtherDialects(t *testing.T) {
	const uuid = "6f0c1f4e-3a52-4a7e-9d0c-2b7f5e1c9a11"
	for _, dialect := range []struct {
		name, credentials string
		variables         func(t *testing.T, d demo, id string) map[string]string
	}{
		{"wuts", "users=acme/admin/" + uuid, func(t *testing.T, d demo, _ string) map[string]string {
			var devices struct{ Devices []struct{ ID string } }
			ask(t, http.MethodGet, d["apiUrl"]+"/wuts/devices", nil, &devices, "Authorization", "Bearer "+uuid)
			return map[string]string{"token": uuid, "deviceID": devices.Devices[0].ID}
		}},
		{"gowa", "users=acme/ann:secret", func(t *testing.T, d demo, id string) map[string]string {
			var group struct{ ID string }
			d.phones(t, http.MethodPost, "/"+tenant+"/groups", object{"subject": "Gardeners", "members": []string{numberOf(d["contact"])}}, &group)
			return map[string]string{"username": "ann", "password": "secret", "device_id": id, "group_id": group.ID}
		}},
		{"wahost", "api_keys=acme/read+send+manage/wh_key", func(t *testing.T, d demo, id string) map[string]string {
			var phones []object
			d.phones(t, http.MethodGet, "", nil, &phones)
			lid := find(t, phones, "chatId", d["contact"])["lid"].(string)
			return map[string]string{"token": "wh_key", "session": id, "jid": lid}
		}},
	} {
		t.Run(dialect.name, func(t *testing.T) {
			t.Parallel()
			d := startDemo(t, "--"+dialect.name+".enabled", "--"+dialect.name+"."+dialect.credentials)
			variables := dialect.variables(t, d, d.linkForTenant(t))
			variables["apiUrl"] = d["apiUrl"] + "/" + dialect.name
			d.newman(t, dialect.name, variables)
		})
	}
}

// tenant is the number of an account that belongs to somebody, as accounts do in the other dialects.
const tenant = "15550004444"

// linkForTenant creates an instance that belongs to acme, links it and returns its id.
func (d demo) linkForTenant(t *testing.T) string {
	t.Helper()
	d.phones(t, http.MethodPost, "", object{"number": tenant, "name": "Acme"}, nil)
	d.phones(t, http.MethodPut, "/"+tenant+"/contacts/"+numberOf(d["contact"]), object{"name": "Ben"}, nil)
	var created struct {
		IDInstance       json.Number
		APITokenInstance string
	}
	ask(t, http.MethodPost, d["apiUrl"]+"/partner/createInstance/"+d["partnerToken"], object{"owner": "acme"}, &created)
	id := created.IDInstance.String()
	d.linkByCode(t, demo{"apiUrl": d["apiUrl"], "idInstance": id, "apiTokenInstance": created.APITokenInstance}.api().Account(), tenant)
	return id
}
