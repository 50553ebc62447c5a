package instance

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/proto/waWeb"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	"google.golang.org/protobuf/proto"

	"greengate/store"
)

const (
	maxHistories  = 2                   // pieces in memory at the same time, of all instances
	historyWithin = 15 * time.Minute    // for one piece
	historyLife   = 14 * 24 * time.Hour // after which a piece that cannot be fetched is given up
	firstHistory  = time.Minute         // by which the phone announces the first piece, if it has one
)

// announcesHistory tells the word of the own phone that there is a piece of history from a message.
func announcesHistory(event any) bool {
	e, ok := event.(*events.Message)
	return ok && e.Info.IsFromMe && e.Message.GetProtocolMessage().GetHistorySyncNotification() != nil
}

// announceHistory notes a piece of history that the phone has put on WhatsApp's media host. It comes into the journal later, also after a
// crash in between.
func (i *Instance) announceHistory(ctx context.Context, e *events.Message) error {
	notification, err := proto.Marshal(e.Message.GetProtocolMessage().GetHistorySyncNotification())
	if err != nil {
		return err
	}
	piece := store.HistoryPiece{InstanceID: int64(i.ID), MessageID: e.Info.ID, Notification: notification, AnnouncedAt: e.Info.Timestamp}
	err = i.store.Update(ctx, func(tx *store.Tx) error { return tx.AddHistoryPiece(piece) })
	if err == nil {
		kick(i.history)
	}
	return err
}

// runHistory takes announced pieces into the journal, in order, until ctx ends.
func (i *Instance) runHistory(ctx context.Context) {
	attempts := 0
	for ctx.Err() == nil {
		piece, err := i.store.NextHistoryPiece(ctx, int64(i.ID))
		if errors.Is(err, store.ErrNotFound) {
			wait(ctx, 0, i.history)
			continue
		}
		if err == nil && i.AwaitOnline(ctx) {
			err = i.takeHistory(ctx, piece)
		}
		if err == nil {
			attempts = 0
			continue
		}
		pause := min(retryFirst<<min(attempts, 10), retryLongest)
		attempts++
		i.log.Warn("history not taken, trying again", "error", MaskNumbers(err.Error()), "in", pause)
		wait(ctx, pause, nil)
	}
}

// takeHistory takes one piece into the journal, or gives it up. An error means that it is to be tried again.
func (i *Instance) takeHistory(ctx context.Context, piece store.HistoryPiece) error {
	select {
	case i.histories <- struct{}{}:
		defer func() { <-i.histories }()
	case <-ctx.Done():
		return nil
	}
	notification := &waE2E.HistorySyncNotification{}
	if err := proto.Unmarshal(piece.Notification, notification); err != nil {
		return err
	}
	_, err := ask(ctx, i, historyWithin, func(ctx context.Context, client *whatsmeow.Client) (struct{}, error) {
		return struct{}{}, i.fetchHistory(ctx, client, piece, notification)
	})
	if !isLost(err) && (err == nil || time.Since(piece.AnnouncedAt) < historyLife) {
		return err
	}
	i.log.Error("a piece of history is lost", "type", notification.GetSyncType(), "error", MaskNumbers(err.Error()))
	return i.store.RemoveHistoryPiece(ctx, piece, historyProgress(notification))
}

// historyProgress is how far the transfer has come with a piece, -1 where it is of a kind that does not tell.
func historyProgress(n *waE2E.HistorySyncNotification) int {
	switch n.GetSyncType() {
	case waE2E.HistorySyncType_INITIAL_BOOTSTRAP, waE2E.HistorySyncType_RECENT, waE2E.HistorySyncType_FULL:
		return int(min(n.GetProgress(), 100))
	}
	return -1
}

// isLost tells an error that trying again does not mend.
func isLost(err error) bool {
	tooLarge := new(http.MaxBytesError)
	return isGone(err) || errors.Is(err, errHistory) || errors.As(err, &tooLarge) || errors.Is(err, whatsmeow.ErrNoURLPresent) ||
		errors.Is(err, whatsmeow.ErrInvalidMediaEncSHA256) || errors.Is(err, whatsmeow.ErrInvalidMediaSHA256) ||
		errors.Is(err, whatsmeow.ErrInvalidMediaHMAC) || errors.Is(err, whatsmeow.ErrTooShortFile)
}

// fetchHistory downloads a piece, takes it in, tells the phone so and forgets the piece. A phone whose piece is gone from the host is asked to announce
// it again.
func (i *Instance) fetchHistory(ctx context.Context, client *whatsmeow.Client, piece store.HistoryPiece, n *waE2E.HistorySyncNotification) error {
	file, err := i.openHistory(ctx, client, n)
	if isGone(err) {
		return cmp.Or(client.SendHistorySyncServerErrorReceipt(ctx, piece.MessageID, n.GetMediaKey()), err)
	} else if err != nil {
		return err
	}
	defer file.Close()
	if err := readHistory(file, func(part []byte) error { return i.takeHistoryPart(ctx, client, part) }); err != nil {
		return err
	}
	if err := client.SendProtocolMessageReceipt(ctx, piece.MessageID, types.ReceiptTypeHistorySync); err != nil {
		return err
	}
	if err := i.store.RemoveHistoryPiece(ctx, piece, historyProgress(n)); err != nil {
		return err
	}
	if path := n.GetDirectPath(); path != "" {
		if err := client.DeleteMedia(ctx, whatsmeow.MediaHistory, path, n.GetFileEncSHA256(), n.GetEncHandle()); err != nil {
			i.log.Warn("history stays on the media host", "error", MaskNumbers(err.Error()))
		}
	}
	return nil
}

// openHistory downloads a piece, or opens one that came with its announcement.
func (i *Instance) openHistory(ctx context.Context, client *whatsmeow.Client, n *waE2E.HistorySyncNotification) (io.ReadSeekCloser, error) {
	file, err := i.files.Temp()
	if err != nil {
		return nil, err
	}
	if inline := n.GetInitialHistBootstrapInlinePayload(); inline != nil {
		_, err = file.Write(inline)
	} else {
		err = client.DownloadToFile(ctx, n, file)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// takeHistoryPart lets whatsmeow take what it needs of a part, such as names and keys, and puts the messages into the journal, in one
// transaction. Rows that are there already stay.
func (i *Instance) takeHistoryPart(ctx context.Context, client *whatsmeow.Client, part []byte) error {
	var packed bytes.Buffer
	writer, _ := zlib.NewWriterLevel(&packed, zlib.NoCompression) // a valid level
	_, _ = writer.Write(part)                                     // into memory
	_ = writer.Close()
	history, err := client.DownloadHistorySync(ctx, &waE2E.HistorySyncNotification{InitialHistBootstrapInlinePayload: packed.Bytes()}, true)
	if err != nil {
		return errors.Join(errHistory, err)
	}
	var rows []store.Message
	for _, message := range history.GetStatusV3Messages() {
		rows = i.appendHistory(ctx, client, rows, types.StatusBroadcastJID, message)
	}
	for _, chat := range history.GetConversations() {
		rows = append(rows, i.chatHistory(ctx, client, chat, history.GetSyncType())...)
	}
	for _, record := range history.GetCallLogRecords() {
		if c, ended := i.logged(ctx, record, ""); ended {
			if err := i.keepCall(ctx, c, false); err != nil {
				return err
			}
		}
	}
	return i.store.Update(ctx, func(tx *store.Tx) error {
		for _, row := range rows {
			if _, err := tx.AddMessage(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// chatHistory makes the journal's rows of a chat's messages. Of incoming ones all count as read but the newest in the first piece, as many
// as the chat has unread.
func (i *Instance) chatHistory(
	ctx context.Context, client *whatsmeow.Client, chat *waHistorySync.Conversation, typ waHistorySync.HistorySync_HistorySyncType,
) (rows []store.Message) {
	jid, err := types.ParseJID(chat.GetID())
	if err != nil {
		return nil
	}
	if pn, err := types.ParseJID(chat.GetPnJID()); err == nil {
		client.StoreLIDPNMapping(ctx, jid, pn)
	}
	unread := 0
	if typ == waHistorySync.HistorySync_INITIAL_BOOTSTRAP {
		unread = int(chat.GetUnreadCount())
	}
	for _, m := range chat.GetMessages() { // newest first
		before := len(rows)
		rows = i.appendHistory(ctx, client, rows, jid, m.GetMessage())
		if len(rows) == before || rows[before].Outgoing {
			continue
		}
		if unread--; unread < 0 {
			rows[before].Status = string(StatusRead)
		}
	}
	return rows
}

// appendHistory adds the journal's row of a message; nothing for what is not for people, or makes no sense.
func (i *Instance) appendHistory(
	ctx context.Context, client *whatsmeow.Client, rows []store.Message, chat types.JID, m *waWeb.WebMessageInfo,
) []store.Message {
	e, err := client.ParseWebMessage(chat, m)
	if err != nil {
		i.log.Warn("message of the history not readable", "error", MaskNumbers(err.Error()))
		return rows
	}
	row, _, err := i.journalRow(ctx, client, e)
	if err != nil || row.Type == "" || row.ID == "" {
		return rows
	}
	if status, ok := historyStatus[m.GetStatus()]; ok && row.Outgoing && m.Status != nil {
		row.Status = string(status)
	}
	return append(rows, row)
}

var historyStatus = map[waWeb.WebMessageInfo_Status]MessageStatus{
	waWeb.WebMessageInfo_ERROR: StatusFailed, waWeb.WebMessageInfo_PENDING: StatusPending, waWeb.WebMessageInfo_DELIVERY_ACK: StatusDelivered,
	waWeb.WebMessageInfo_READ: StatusRead, waWeb.WebMessageInfo_PLAYED: StatusRead,
}

// HistoryProgress tells how far the transfer of the phone's history has come since the account was linked, in percent. It is 100 where
// there is nothing to transfer.
func (i *Instance) HistoryProgress(ctx context.Context) (int, error) {
	progress, linkedAt, err := i.store.HistoryProgress(ctx, int64(i.ID))
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && progress < 0 && time.Since(linkedAt) > firstHistory:
		return 100, nil
	}
	return max(0, progress), err
}
