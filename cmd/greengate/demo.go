package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greengate/instance"
	"greengate/media"
	"greengate/sandbox"
	"greengate/store"
)

const (
	demoNumber  = "15550001111" // of the account that the demo links
	demoContact = "15550002222" // of somebody it can look up and write to
)

func demoCommand() *cobra.Command {
	var once bool
	cmd := configured(&cobra.Command{
		Use:   "demo",
		Short: "Show the whole stack on a simulated WhatsApp: link an account, set its picture, send a text",
		Long: "Starts a simulated WhatsApp and the server in one process, creates an instance, links it, uploads a photo and sends a text\n" +
			"by HTTP, and stays up. Everything is kept in a temporary folder; the keys network and store.dsn are ignored.",
		Args: cobra.NoArgs,
	}, func(cmd *cobra.Command, s setting, _ []string) (err error) {
		if s.logLevel == "info" { // what goes well is told on standard output
			if s.log, err = newLogger(cmd.ErrOrStderr(), "error", s.logFormat); err != nil {
				return err
			}
		}
		return s.demo(cmd.Context(), cmd.OutOrStdout(), once)
	})
	cmd.Flags().BoolVar(&once, "once", false, "End after the answer instead of staying up.")
	return cmd
}

// demonstration is a running demo.
type demonstration struct {
	setting
	out        io.Writer
	photo      string // path of the photo
	controlURL string
	world      *sandbox.World
	manager    *instance.Manager
}

func (s setting) demo(ctx context.Context, out io.Writer, once bool) (err error) {
	folder, err := os.MkdirTemp("", "greengate-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	ctx, end := context.WithCancel(ctx)
	defer end()
	s.network, s.dsn = "sandbox", filepath.Join(folder, "greengate.db")
	if s.partnerToken == "" {
		s.partnerToken = "gac." + rand.Text() + rand.Text()[:24]
	}
	d := demonstration{setting: s, out: out, photo: filepath.Join(folder, "photo.jpg")}
	if err := os.WriteFile(d.photo, media.Sample(), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return s.withWorld(ctx, func(w *sandbox.World, controlURL string) error {
		listener, err := s.open(ctx)
		if err != nil {
			return err
		}
		defer listener.Close()
		return s.withManager(ctx, wayTo(w.Network()), func(m *instance.Manager, db *store.Store) error {
			d.setting, d.world, d.controlURL, d.manager = s, w, controlURL, m
			return s.serveAPI(ctx, m, db, listener, func() error {
				if once {
					defer end()
				}
				return d.show(ctx)
			})
		})
	})
}

// show does what a newcomer would do first, and says how to go on.
func (d demonstration) show(ctx context.Context) error {
	i, token, err := d.link(ctx)
	if err != nil {
		return fmt.Errorf("demo: link an account: %w", err)
	}
	base := fmt.Sprintf("%s/waInstance%d", d.baseURL, i.ID)
	answer, err := upload(ctx, base+"/setProfilePicture/"+string(token), d.photo)
	if err != nil {
		return fmt.Errorf("demo: set the picture: %w", err)
	}
	if err := d.greet(ctx, base+"/sendMessage/"+string(token)); err != nil {
		return fmt.Errorf("demo: send a text: %w", err)
	}
	_, err = strings.NewReplacer(
		"{apiUrl}", d.baseURL, "{id}", fmt.Sprint(i.ID), "{token}", string(token), "{partner}", d.partnerToken,
		"{number}", demoNumber, "{contact}", demoContact, "{text}", demoText, "{control}", d.controlURL,
		"{photo}", d.photo, "{pace}", d.pictureInterval.String(), "{answer}", string(answer),
	).WriteString(d.out, demoReport)
	return err
}

const (
	arriveWithin = 10 * time.Second

	demoText   = "Hello Ben!"
	demoReport = `apiUrl            {apiUrl}
idInstance        {id}
apiTokenInstance  {token}
partnerToken      {partner}
number            {number}
contact           {contact}@c.us

The contact, Ben, has got the text {text} on his simulated phone. Send him another, and look at his phone:
  curl -d '{"chatId":"{contact}@c.us","message":"How are you?"}' {apiUrl}/waInstance{id}/sendMessage/{token}
  curl {control}/phones/{contact}/messages

Let him answer, receive that, and take it out of the queue by its receiptId:
  curl -d '{"to":"{number}","text":"Fine, thanks."}' {control}/phones/{contact}/messages
  curl {apiUrl}/waInstance{id}/receiveNotification/{token}
  curl -X DELETE {apiUrl}/waInstance{id}/deleteNotification/{token}/1

Set a picture again, at most once in {pace}:
  curl -F file=@{photo} {apiUrl}/waInstance{id}/setProfilePicture/{token}

QR page   {apiUrl}/waInstance{id}/{token}
OpenAPI   {apiUrl}/openapi.yaml
Metrics   {apiUrl}/metrics
Phones    {control}/phones

For commands of the README:
  export ID={id} TOKEN={token}

The answer to POST /waInstance{id}/setProfilePicture/... was:
{answer}
`
)

// greet sends the contact a text and waits until it is there.
func (d demonstration) greet(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, arriveWithin)
	defer cancel()
	body := fmt.Sprintf(`{"chatId":"%s@c.us","message":%q}`, demoContact, demoText)
	if _, err := post(ctx, url, "application/json", strings.NewReader(body)); err != nil {
		return err
	}
	_, err := d.world.Phone(demoContact).Next(ctx)
	return err
}

// link creates an instance and lets a simulated phone scan its code.
func (d demonstration) link(ctx context.Context) (*instance.Instance, instance.Token, error) {
	phone, err := d.world.AddPhone(demoNumber, "Ann")
	if err != nil {
		return nil, "", err
	}
	contact, err := d.world.AddPhone(demoContact, "Ben")
	if err != nil {
		return nil, "", err
	}
	picture, err := media.NewPictures(media.Limits{}).Normalize(ctx, media.Sample())
	if err != nil {
		return nil, "", err
	}
	if err := contact.SetPicture(picture.JPEG); err != nil {
		return nil, "", err
	}
	i, token, err := d.manager.Create(ctx, instance.New{
		Name: "demo", Settings: instance.SettingsPatch{"incomingWebhook": []byte(`"yes"`)},
	})
	if err != nil {
		return nil, "", err
	}
	return i, token, linkAccount(ctx, i, phone.ScanQR)
}

// upload posts a file as any client would.
func upload(ctx context.Context, url, file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", filepath.Base(file))
	if err != nil {
		return nil, err
	}
	if _, err := part.Write(data); err != nil {
		return nil, err
	}
	if err := form.Close(); err != nil {
		return nil, err
	}
	return post(ctx, url, form.FormDataContentType(), &body)
}

// post returns the body of a good answer.
func post(ctx context.Context, url, contentType string, body io.Reader) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %s: %s", response.Status, answer)
	}
	return answer, err
}
