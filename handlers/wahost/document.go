package wahost

import (
	"net/http"
	"reflect"

	"greengate/handlers/document"
)

// Document describes the dialect.
func Document(url, version string) document.API {
	api := document.API{
		Title: "greengate: wahost", URL: url, Version: version, Security: "bearer",
		About: "The dialect of wahost (WhatsApp Gateway). Sessions of other organisations are answered as if they did not exist.",
		Variables: map[string]string{
			"token": "wh_0123456789abcdef", "session": "1101000001", "jid": "15550002222@s.whatsapp.net", "phone": "15550002222",
		},
		Success: "Done",
		Failures: []document.Failure{
			{Status: http.StatusBadRequest, Body: true, Meaning: "validation_error: bad input"},
			{Status: http.StatusUnauthorized, Body: true, Meaning: "unauthorized: no valid credential"},
			{Status: http.StatusForbidden, Body: true, Meaning: "forbidden: the credential lacks the capability"},
			{Status: http.StatusNotFound, Body: true, Meaning: "not_found: no such session, or nothing that this account may see"},
			{Status: http.StatusNotImplemented, Body: true, Meaning: "not_implemented: the session is not connected"},
		},
		Error: reflect.TypeFor[Failure](),
	}
	for _, row := range Routes() {
		api.Rows = append(api.Rows, row.Row)
	}
	return api
}
