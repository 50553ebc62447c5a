package sandbox

import (
	"encoding/json"
	"strconv"
	"time"

	waBinary "go.mau.fi/whatsmeow/binary"
)

// LockReachOut tells the account's companions that it may not write to new people until some time, or, with the zero time, may again. The
// refusals themselves are faults of messages with the code 463.
func (p *Phone) LockReachOut(until time.Time) error {
	lock := map[string]any{"is_active": !until.IsZero()}
	if !until.IsZero() {
		lock["enforcement_type"], lock["time_enforcement_ends"] = "DEFAULT", strconv.FormatInt(until.Unix(), 10)
	}
	update, err := json.Marshal(map[string]any{"data": map[string]any{"xwa2_notify_account_reachout_timelock": lock}})
	if err != nil {
		return err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.w.notify(p.account, nil, p.w.serverNotification("mex", waBinary.Node{
		Tag: "update", Attrs: waBinary.Attrs{"op_name": "NotificationUserReachoutTimelockUpdate"}, Content: update,
	}))
	return nil
}
