package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"greengate/instance"
)

const partnerRate = 50

func partnerMethods() []Method {
	return []Method{
		forPartner(Method{
			Name: "getInstances", Verb: http.MethodGet, alsoVerb: http.MethodPost, Rate: partnerRate,
			Summary: "List all instances, deleted ones included",
		}, getInstances),
		forPartner(Method{
			Name: "createInstance", Verb: http.MethodPost, Rate: partnerRate,
			Summary: "Create an instance; settings that are not named are off",
			Example: `{"name":"Shop","incomingWebhook":"yes"}`,
			Answer:  `{"idInstance":1101000002,"apiTokenInstance":"{{apiTokenInstance}}","typeInstance":"whatsapp"}`,
		}, createInstance),
		forPartner(Method{
			Name: "deleteInstanceAccount", Verb: http.MethodPost, Rate: partnerRate,
			Summary: "Delete an instance; call logout first to unlink its account",
			Example: `{"idInstance":{{deleteIdInstance}}}`, Answer: `{"deleteInstanceAccount":true}`,
		}, deleteInstanceAccount),
	}
}

// InstanceRow is an instance as the partner API lists it. Times are in UTC without zone; the tariff fields are fixed, as nothing here
// expires or costs. The token is empty when it was not derived from the present partner token.
type InstanceRow struct {
	IDInstance       instance.ID `json:"idInstance"`
	Name             string      `json:"name"`
	TypeInstance     string      `json:"typeInstance"`
	TypeAccount      string      `json:"typeAccount"`
	PartnerUserUIID  string      `json:"partnerUserUiid"`
	TimeCreated      string      `json:"timeCreated"`
	TimeDeleted      string      `json:"timeDeleted"`
	APITokenInstance string      `json:"apiTokenInstance"`
	Deleted          bool        `json:"deleted"`
	Tariff           string      `json:"tariff"`
	IsFree           bool        `json:"isFree"`
	IsPartner        bool        `json:"isPartner"`
	ExpirationDate   string      `json:"expirationDate"`
	IsExpired        bool        `json:"isExpired"`
}

const (
	zonelessTime = "2006-01-02T15:04:05"
	neverExpires = "9999-12-31T23:59:59"
)

func getInstances(_ context.Context, m *instance.Manager, _ none) ([]InstanceRow, error) {
	rows := []InstanceRow{}
	for _, i := range m.Instances() {
		name := i.Name()
		if name == "" {
			name = fmt.Sprintf("Instance %d", i.ID)
		}
		deleted := i.DeletedAt()
		rows = append(rows, InstanceRow{
			IDInstance: i.ID, Name: name, TypeInstance: typeWhatsApp, TimeCreated: i.CreatedAt().Format(zonelessTime),
			TimeDeleted: deleted.Format(zonelessTime), APITokenInstance: string(i.Token()), Deleted: !deleted.IsZero(),
			Tariff: "PARTNER", IsPartner: true, ExpirationDate: neverExpires,
		})
	}
	return rows, nil
}

// CreateInstanceRequest takes a name, any subset of the settings and, which is ours alone, the owner in dialects with tenants.
type CreateInstanceRequest struct {
	name, owner string
	patch       instance.SettingsPatch
}

func (r *CreateInstanceRequest) take(values map[string]json.RawMessage) error {
	for key, target := range map[string]*string{"name": &r.name, "owner": &r.owner} {
		if raw, ok := values[key]; ok {
			if err := json.Unmarshal(raw, target); err != nil {
				return describeType(key, err)
			}
		}
	}
	r.patch = values
	return nil
}

func (CreateInstanceRequest) schema() reflect.Type {
	return reflect.TypeFor[struct {
		Name  string `json:"name"`
		Owner string `json:"owner"`
		instance.Settings
	}]()
}

// CreateInstanceResponse carries the id and the token of the new instance.
type CreateInstanceResponse struct {
	IDInstance       instance.ID `json:"idInstance"`
	APITokenInstance string      `json:"apiTokenInstance"`
	TypeInstance     string      `json:"typeInstance"`
}

func createInstance(ctx context.Context, m *instance.Manager, r CreateInstanceRequest) (CreateInstanceResponse, error) {
	i, token, err := m.Create(ctx, instance.New{Name: r.name, Owner: r.owner, Settings: r.patch})
	if err != nil {
		return CreateInstanceResponse{}, err
	}
	return CreateInstanceResponse{i.ID, string(token), typeWhatsApp}, nil
}

// DeleteInstanceAccountRequest names the instance.
type DeleteInstanceAccountRequest struct {
	IDInstance instance.ID `json:"idInstance" check:"required"`
}

// DeleteInstanceAccountResponse confirms the deletion; an unknown instance is a partnerFailure.
type DeleteInstanceAccountResponse struct {
	Deleted bool `json:"deleteInstanceAccount"`
}

func deleteInstanceAccount(ctx context.Context, m *instance.Manager, r DeleteInstanceAccountRequest) (DeleteInstanceAccountResponse, error) {
	err := m.Delete(ctx, r.IDInstance)
	if err != nil && instance.AsError(err).Kind == instance.KindUnknownInstance {
		err = partnerFailure{http.StatusNotFound, "Not found"}
	}
	return DeleteInstanceAccountResponse{err == nil}, err
}
