// Package linkpreview finds a link in a text and makes the preview that WhatsApp's apps show below it, from what the page says of
// itself (OpenGraph, Twitter cards, title and description). The page is a stranger's: it is called through egress only, and read
// to a bound of bytes and time.
package linkpreview

import (
	"context"
	"errors"
	"io"
	"mime"
	"time"

	"greengate/instance/egress"
)

const (
	fetchWithin = 10 * time.Second // the page; and again its image
	maxPage     = 512 << 10        // bytes read; what counts stands at the start
	maxFile     = 1 << 30          // longer ones are refused unread
	maxImage    = 5 << 20
)

// Preview is what a page says of itself: title and description in one line each, and its picture.
type Preview struct {
	URL         string // of the page as linked, with https:// before www.
	Title       string // never empty, at most 300 characters
	Description string // at most 1000 characters
	ImageURL    string // empty when the page names none
	Image       []byte // as served, at most 5 MB and not looked at; nil when it could not be fetched
}

// Fetch makes the preview of a link that FindURL returned, within 20 seconds. A page that cannot be fetched, is no HTML or has no
// title is an error; an image that cannot be fetched is left out.
func Fetch(ctx context.Context, out *egress.Egress, link string) (*Preview, error) {
	if link == "" {
		return nil, errors.New("no link")
	}
	preview := &Preview{URL: address(link)}
	if err := preview.read(ctx, out); err != nil {
		return nil, err
	}
	if preview.ImageURL != "" {
		preview.Image = fetchImage(ctx, out, preview.ImageURL)
	}
	return preview, nil
}

func (p *Preview) read(ctx context.Context, out *egress.Egress) error {
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	file, err := out.Fetch(ctx, p.URL, maxFile)
	if err != nil {
		return err
	}
	defer file.Close()
	contentType := file.Header.Get("Content-Type")
	if kind, _, _ := mime.ParseMediaType(contentType); kind != "text/html" && kind != "application/xhtml+xml" {
		return errors.New("the link leads to no HTML")
	}
	page := readPage(io.LimitReader(file, maxPage), contentType)
	p.Title = cut(page.first(titleSources), maxTitle)
	p.Description = cut(page.first(descriptionSources), maxDescription)
	p.ImageURL = page.image(file.URL)
	if p.Title == "" {
		return errors.New("the page has no title")
	}
	return nil
}

func fetchImage(ctx context.Context, out *egress.Egress, address string) []byte {
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	file, err := out.Fetch(ctx, address, maxImage)
	if err != nil {
		return nil
	}
	defer file.Close()
	image, err := io.ReadAll(file)
	if err != nil || len(image) == 0 {
		return nil
	}
	return image
}
