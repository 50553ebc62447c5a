package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"greengate/instance"
)

// fileMethods are those that take or give files. The files themselves travel in streams, see decodeStream.
func fileMethods() []Method {
	return []Method{
		forInstance(Method{
			Name: "sendFileByUpload", Verb: http.MethodPost, Rate: 50, Upload: "file", MaxBytes: maxFile,
			Summary: "Upload a file of up to 100 MB and send it",
			Answer:  `{"idMessage":"3EB0A1B2C3D4E5F60718AA","urlFile":"` + answerFile + `"}`,
		}, sendFileByUpload),
		forInstance(Method{
			Name: "sendFileByUrl", Verb: http.MethodPost, Rate: 50,
			Summary: "Send a file of up to 100 MB from an address",
			Example: `{"chatId":"{{chatId}}","urlFile":"{{urlFile}}","fileName":"photo.jpg","caption":"A photo"}`, Answer: answerID,
		}, sendFileByURL),
		forInstance(Method{
			Name: "uploadFile", Verb: http.MethodPost, Rate: 50, Upload: "file", MaxBytes: maxFile,
			Summary: "Keep a file of up to 100 MB for 15 days; sendFileByUrl takes its address. The body is the file, or multipart",
			Answer:  `{"urlFile":"` + answerFile + `"}`,
		}, uploadFile),
	}
}

const (
	maxFile    = 100 << 20
	answerFile = "https://greengate.example/files/1101000001/2b1c9d1e-0000-4000-8000-000000000001.jpg"
)

// Kept is what requests have in common whose file is kept on disk while it is read.
type Kept struct{ Stored instance.StoredFile }

func (k *Kept) setStored(f instance.StoredFile) { k.Stored = f }

// stored is a request that takes a file of any size; see Kept.
type stored interface{ setStored(f instance.StoredFile) }

// SendFileByUploadRequest is a multipart form. The file's own name counts when fileName is empty.
type SendFileByUploadRequest struct {
	Kept
	ChatID          string      `form:"chatId"`
	PhoneNumber     phoneDigits `form:"phoneNumber"`
	FileName        string      `form:"fileName"`
	Caption         string      `form:"caption"`
	QuotedMessageID string      `form:"quotedMessageId"`
	TypingTime      typing      `form:"typingTime"`
	TypingType      string      `form:"typingType"`
}

func (r *SendFileByUploadRequest) validate() error { return tooLong("caption", r.Caption, maxText) }

// SendFileByUploadResponse carries the message's id and where the file can be found for 15 days.
type SendFileByUploadResponse struct {
	IDMessage instance.MessageID `json:"idMessage"`
	URLFile   string             `json:"urlFile"`
}

func sendFileByUpload(ctx context.Context, i *instance.Instance, r SendFileByUploadRequest) (SendFileByUploadResponse, error) {
	id, err := sendFile(ctx, i, Destination{
		Recipient: Recipient{Chat{r.ChatID, r.PhoneNumber}}, QuotedMessageID: r.QuotedMessageID, TypingTime: r.TypingTime, TypingType: r.TypingType,
	}, instance.NewFile{URLFile: r.Stored.URL, FileName: firstOf(baseName(r.FileName), r.Stored.Original), Caption: r.Caption})
	return SendFileByUploadResponse{id, r.Stored.URL}, err
}

func sendFile(ctx context.Context, i *instance.Instance, d Destination, f instance.NewFile) (instance.MessageID, error) {
	a, err := d.address()
	if err != nil {
		return "", err
	}
	f.Address = a
	return i.SendFile(ctx, f)
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// baseName takes the folders off: some clients send the whole path.
func baseName(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }

// SendFileByURLRequest names a file by its address. FileName decides what it is called at the other side.
type SendFileByURLRequest struct {
	Destination
	URLFile  string `json:"urlFile" check:"required"`
	FileName string `json:"fileName" check:"required"`
	Caption  string `json:"caption"`
}

func (r *SendFileByURLRequest) validate() error { return tooLong("caption", r.Caption, maxText) }

func sendFileByURL(ctx context.Context, i *instance.Instance, r SendFileByURLRequest) (SendResponse, error) {
	return sent(sendFile(ctx, i, r.Destination, instance.NewFile{URLFile: r.URLFile, FileName: baseName(r.FileName), Caption: r.Caption}))
}

// UploadFileRequest is the file.
type UploadFileRequest struct{ Kept }

// UploadFileResponse is where the file can be found for 15 days.
type UploadFileResponse struct {
	URLFile string `json:"urlFile"`
}

func uploadFile(_ context.Context, _ *instance.Instance, r UploadFileRequest) (UploadFileResponse, error) {
	return UploadFileResponse{r.Stored.URL}, nil
}

// downloadFileMethod stands in the section Receiving.
func downloadFileMethod() Method {
	return forInstance(Method{
		Name: "downloadFile", Verb: http.MethodPost, Rate: 5,
		Summary: "Fetch the file of a message and get a link to it",
		Example: `{"chatId":"{{chatId}}","idMessage":"{{idMessageOfFile}}"}`,
		Answer:  `{"downloadUrl":"https://greengate.example/download/1101000001/15550002222@c.us/3EB0A1B2C3D4E5F60718AA/photo.jpg?expires=1790000000&signature=00112233445566778899aabbccddeeff"}`,
	}, downloadFile)
}

// DownloadFileResponse is a link that works for 15 days without a token.
type DownloadFileResponse struct {
	DownloadURL string `json:"downloadUrl"`
}

func downloadFile(ctx context.Context, i *instance.Instance, r MessageRequest) (DownloadFileResponse, error) {
	chat, err := r.jid(formatsOfAnybody)
	if err != nil {
		return DownloadFileResponse{}, err
	}
	url, err := i.DownloadURL(ctx, chat, r.IDMessage)
	if err == nil {
		return DownloadFileResponse{url}, nil
	}
	switch instance.AsError(err).Kind {
	case instance.KindNotFound:
		err = reply{http.StatusBadRequest, true, fmt.Sprintf("File message encrypted url not found by chatId %s and idMessage %s", r.ChatID, r.IDMessage)}
	case instance.KindInternal, instance.KindTimeout, instance.KindRefused:
		err = errors.Join(reply{
			http.StatusInternalServerError, true,
			fmt.Sprintf("Internal error when downloading file by chatId %s and idMessage %s", r.ChatID, r.IDMessage),
		}, err)
	default:
	}
	return DownloadFileResponse{}, err
}

// serveKept answers with a kept file. Its name is not to be guessed, so it needs no token, and browsers may ask from any page.
func (s *server) serveKept(c *gin.Context) {
	file, meta, err := s.manager.KeptFile(c.Param("id"), c.Param("name"))
	if err != nil {
		writeError(c, err)
		return
	}
	defer file.Close()
	c.Header("Expires", meta.Saved.Add(instance.FileLife).UTC().Format(http.TimeFormat))
	serveFile(c, file, meta.Original, meta.MIME, meta.Saved)
}

// serveDownload answers with the file of a message, for who has its signed link.
func (s *server) serveDownload(c *gin.Context) {
	id, _ := strconv.ParseInt(c.Param("id"), 10, 64)
	expires, _ := strconv.ParseInt(c.Query("expires"), 10, 64) // 0 has expired
	download, err := s.manager.OpenLink(c.Request.Context(), instance.Link{
		ID: instance.ID(id), ChatID: instance.ChatID(c.Param("chat")), Message: c.Param("message"), Expires: expires, MAC: c.Query("signature"),
	})
	if err != nil {
		writeError(c, err)
		return
	}
	defer download.Close()
	serveFile(c, download.File, download.Name, download.MIME, time.Time{})
}

// serveFile streams a file, or the part of it that is asked for. What strangers sent must not act as a page of this server.
func serveFile(c *gin.Context, file *os.File, name, mimeType string, modified time.Time) {
	c.Header("Content-Type", mimeType)
	c.Header("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": name}))
	c.Header("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Cache-Control", "private, max-age=86400")
	http.ServeContent(c.Writer, c.Request, "", modified, file)
}

// keepBody keeps a raw body as a file. Its name may come in a header, as the SDKs send it.
func keepBody(r *http.Request, keep func(io.Reader, string) error) error {
	name := baseName(strings.TrimSpace(r.Header.Get("GA-Filename")))
	if name == "" {
		if all, err := mime.ExtensionsByType(r.Header.Get("Content-Type")); err == nil && len(all) > 0 {
			name = "file" + all[0]
		}
	}
	return keep(r.Body, name)
}
