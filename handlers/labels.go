package handlers

import (
	"context"
	"net/http"

	"greengate/instance"
)

func labelMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "getLabels", Works: onBusiness, Verb: http.MethodGet, Rate: 1,
			Summary: "List the labels; not in GREEN-API",
			Answer:  `[{"labelId":"1","name":"Paid","color":3}]`,
		}, getLabels),
		forInstance(Method{
			Name: "createLabel", Works: onBusiness, Verb: http.MethodPost, Rate: 1,
			Summary: "Make a label in one of WhatsApp's colours 0 to 19; not in GREEN-API",
			Example: `{"name":"Paid","color":3}`, Answer: `{"labelId":"1"}`,
		}, createLabel),
		forInstance(Method{
			Name: "editLabel", Works: onBusiness, Verb: http.MethodPost, Rate: 1,
			Summary: "Change the name or the colour of a label; not in GREEN-API",
			Example: `{"labelId":"1","name":"Paid","color":4}`, Answer: `{"editLabel":true}`,
		}, editLabel),
		forInstance(Method{
			Name: "attachLabel", Works: onBusiness, Verb: http.MethodPost, Rate: 10,
			Summary: "Put a label on a chat, or on one of its messages; not in GREEN-API",
			Example: `{"labelId":"1","chatId":"{{chatId}}"}`, Answer: `{"attachLabel":true}`,
		}, attachLabel),
		forInstance(Method{
			Name: "detachLabel", Works: onBusiness, Verb: http.MethodPost, Rate: 10,
			Summary: "Take a label off a chat, or off one of its messages; not in GREEN-API",
			Example: `{"labelId":"1","chatId":"{{chatId}}"}`, Answer: `{"detachLabel":true}`,
		}, detachLabel),
		forInstance(Method{
			Name: "deleteLabel", Works: onBusiness, Verb: http.MethodPost, Rate: 1,
			Summary: "Delete a label; not in GREEN-API",
			Example: `{"labelId":"1"}`, Answer: `{"deleteLabel":true}`,
		}, deleteLabel),
	}
}

const (
	onBusiness    = "yes, for business accounts"
	maxLabelName  = 100 // characters
	maxLabelColor = 19
)

// Label is a label. Color is WhatsApp's index.
type Label struct {
	LabelID string `json:"labelId"`
	Name    string `json:"name"`
	Color   int32  `json:"color"`
}

func getLabels(ctx context.Context, i *instance.Instance, _ none) ([]Label, error) {
	labels, err := i.Labels(ctx)
	list := make([]Label, 0, len(labels))
	for _, l := range labels {
		list = append(list, Label{l.ID, l.Name, l.Color})
	}
	return list, err
}

// LabelLook is what a label looks like; nil keeps what is.
type LabelLook struct {
	Name  *string `json:"name"`
	Color *int32  `json:"color"`
}

func (l *LabelLook) validate() error {
	switch {
	case l.Name != nil && *l.Name == "":
		return invalid("'name' is not allowed to be empty")
	case l.Color != nil && *l.Color < 0:
		return invalid("'color' must be larger than or equal to 0")
	case l.Color != nil && *l.Color > maxLabelColor:
		return invalid("'color' must be less than or equal to %d", maxLabelColor)
	case l.Name != nil:
		return tooLong("name", *l.Name, maxLabelName)
	}
	return nil
}

// CreateLabelRequest has a name and a colour, 0 by default.
type CreateLabelRequest struct{ LabelLook }

func (r *CreateLabelRequest) validate() error {
	if r.Name == nil {
		return invalid("'name' is required")
	}
	return r.LabelLook.validate()
}

// CreateLabelResponse has the id of the new label.
type CreateLabelResponse struct {
	LabelID string `json:"labelId"`
}

func createLabel(ctx context.Context, i *instance.Instance, r CreateLabelRequest) (CreateLabelResponse, error) {
	var color int32
	if r.Color != nil {
		color = *r.Color
	}
	label, err := i.CreateLabel(ctx, *r.Name, color)
	return CreateLabelResponse{label.ID}, err
}

// LabelRequest names a label.
type LabelRequest struct {
	LabelID string `json:"labelId" check:"required"`
}

// EditLabelRequest changes what it has.
type EditLabelRequest struct {
	LabelRequest
	LabelLook
}

// EditLabelResponse confirms that the label was changed.
type EditLabelResponse struct {
	EditLabel bool `json:"editLabel"`
}

func editLabel(ctx context.Context, i *instance.Instance, r EditLabelRequest) (EditLabelResponse, error) {
	label, err := i.Label(ctx, r.LabelID)
	if err != nil {
		return EditLabelResponse{}, notFoundAs(err, noSuchLabel)
	}
	if r.Name != nil {
		label.Name = *r.Name
	}
	if r.Color != nil {
		label.Color = *r.Color
	}
	err = i.EditLabel(ctx, label)
	return EditLabelResponse{err == nil}, err
}

const noSuchLabel = "Label by id not found"

// DeleteLabelResponse confirms that the label is gone.
type DeleteLabelResponse struct {
	DeleteLabel bool `json:"deleteLabel"`
}

func deleteLabel(ctx context.Context, i *instance.Instance, r LabelRequest) (DeleteLabelResponse, error) {
	label, err := i.Label(ctx, r.LabelID)
	if err != nil {
		return DeleteLabelResponse{}, notFoundAs(err, noSuchLabel)
	}
	label.Deleted = true
	err = i.EditLabel(ctx, label)
	return DeleteLabelResponse{err == nil}, err
}

// AttachLabelRequest names a label and a chat, or one message of it.
type AttachLabelRequest struct {
	LabelRequest
	Chat
	IDMessage instance.MessageID `json:"idMessage"`
}

// AttachLabelResponse confirms that the label is there.
type AttachLabelResponse struct {
	AttachLabel bool `json:"attachLabel"`
}

func attachLabel(ctx context.Context, i *instance.Instance, r AttachLabelRequest) (AttachLabelResponse, error) {
	err := r.attach(ctx, i, true)
	return AttachLabelResponse{err == nil}, err
}

// DetachLabelResponse confirms that the label is off.
type DetachLabelResponse struct {
	DetachLabel bool `json:"detachLabel"`
}

func detachLabel(ctx context.Context, i *instance.Instance, r AttachLabelRequest) (DetachLabelResponse, error) {
	err := r.attach(ctx, i, false)
	return DetachLabelResponse{err == nil}, err
}

func (r *AttachLabelRequest) attach(ctx context.Context, i *instance.Instance, attached bool) error {
	jid, err := r.jid(formatsOfAnybody)
	if err != nil {
		return err
	}
	if _, err := i.Label(ctx, r.LabelID); err != nil {
		return notFoundAs(err, noSuchLabel)
	}
	if r.IDMessage == "" {
		return i.LabelChat(ctx, r.LabelID, jid, attached)
	}
	return notFoundAs(i.LabelMessage(ctx, r.LabelID, jid, r.IDMessage, attached), "Message by id not found")
}
