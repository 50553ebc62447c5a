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

	"github.com/spf13/cobra"

	"greengate/instance"
	"greengate/media"
	"greengate/sandbox"
	"greengate/store"
)

const (
	demoNumber  = "15550001111" // of the account that the demo links
	demoContact = "15550002222" // of somebody it can look up
)

func demoCommand() *cobra.Command {
	var once bool
	cmd := configured(&cobra.Command{
		Use:   "demo",
		Short: "Show the whole stack on a simulated WhatsApp: link an account and set its picture",
		Long: "Starts a simulated WhatsApp and the server in one process, creates an instance, links it, uploads a photo by HTTP and\n" +
			"stays up. Everything is kept in a temporary folder; the keys network and store.dsn are ignored.",
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
	url := base + "/setProfilePicture/" + string(token)
	answer, err := upload(ctx, url, d.photo)
	if err != nil {
		return fmt.Errorf("demo: set the picture: %w", err)
	}
	fmt.Fprintf(d.out, `apiUrl            %s
idInstance        %d
apiTokenInstance  %s
partnerToken      %s
contact           %s@c.us

Set a picture again, at most once in %s:
  curl -F file=@%s %s

QR page   %s/%s
OpenAPI   %s/openapi.yaml
Metrics   %s/metrics
Phones    %s/phones

The answer to POST /waInstance%d/setProfilePicture/... was:
%s
`, d.baseURL, i.ID, string(token), d.partnerToken, demoContact, d.pictureInterval, d.photo, url,
		base, string(token), d.baseURL, d.baseURL, d.controlURL, i.ID, answer)
	return nil
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
	i, token, err := d.manager.Create(ctx, instance.New{Name: "demo"})
	if err != nil {
		return nil, "", err
	}
	return i, token, linkAccount(ctx, i, phone.ScanQR)
}

// upload posts a file as any client would and returns the answer's body.
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
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, &body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
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
