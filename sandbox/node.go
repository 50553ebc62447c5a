package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// attr reads an attribute as text, a JID in its written form; "" if it is missing.
func attr(n *waBinary.Node, key string) string {
	switch v := n.Attrs[key].(type) {
	case string:
		return v
	case types.JID:
		return v.String()
	}
	return ""
}

// attrJID reads an attribute as a JID; the empty JID if it is missing or malformed.
func attrJID(n *waBinary.Node, key string) types.JID {
	switch v := n.Attrs[key].(type) {
	case types.JID:
		return v
	case string:
		jid, err := types.ParseJID(v)
		if err == nil {
			return jid
		}
	}
	return types.EmptyJID
}

// child finds a descendant by the tags on the way to it; nil if there is none.
func child(n *waBinary.Node, tags ...string) *waBinary.Node {
	found, ok := n.GetOptionalChildByTag(tags...)
	if !ok {
		return nil
	}
	return &found
}

// childBytes reads the content of a descendant; nil if there is none or it holds no bytes.
func childBytes(n *waBinary.Node, tags ...string) []byte {
	if found := child(n, tags...); found != nil {
		content, _ := found.Content.([]byte)
		return content
	}
	return nil
}

// textOf reads a node's content as text, whether it came as text or as bytes; "" if there is none.
func textOf(n *waBinary.Node) string {
	if n == nil {
		return ""
	}
	switch v := n.Content.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// unixText writes a time as WhatsApp does, in seconds.
func unixText(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// describe writes the kind of a stanza, not its values: equal kinds give equal text.
func describe(n *waBinary.Node) string {
	var b strings.Builder
	b.WriteString(n.Tag)
	keys := make([]string, 0, len(n.Attrs))
	for key := range n.Attrs {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		fmt.Fprintf(&b, " %s=%s", key, describeValue(key, n.Attrs[key]))
	}
	children := n.GetChildren()
	for i := range children {
		if i > 0 && children[i].Tag == children[i-1].Tag {
			continue
		}
		fmt.Fprintf(&b, " > %s", describe(&children[i]))
	}
	return b.String()
}

func describeValue(key string, value any) string {
	switch v := value.(type) {
	case types.JID:
		return "@" + v.Server
	case string:
		if key == "xmlns" || key == "type" || key == "class" || key == "stage" {
			return v
		}
	}
	return "?"
}
