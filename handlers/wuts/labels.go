package wuts

import (
	"strconv"

	"greengate/instance"
)

const lastColor = 19

func editLabel(c *call, r LabelEdit) (Label, error) {
	switch {
	case r.Color < 0 || r.Color > lastColor:
		return Label{}, invalid("color", "color must be from 0 to 19", strconv.Itoa(int(r.Color)))
	case r.Name == "" && !r.Deleted:
		return Label{}, invalid("name", "name is required", "")
	}
	err := c.device.EditLabel(c.Context(), instance.Label{ID: r.LabelID, Name: r.Name, Color: r.Color, Deleted: r.Deleted})
	return Label{true, r.LabelID, r.Name, r.Color, r.Deleted}, err
}

func labelChat(c *call, r ChatLabelRequest) (ChatLabel, error) {
	jid, err := r.chat()
	if err != nil {
		return ChatLabel{}, err
	}
	attached := r.Attached == nil || *r.Attached
	err = c.device.LabelChat(c.Context(), r.LabelID, jid, attached)
	return ChatLabel{true, r.LabelID, jid.String(), attached}, err
}
