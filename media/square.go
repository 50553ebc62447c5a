package media

import (
	"context"
	"image"
	"image/draw"
)

// square copies the centred square of img onto white, opaque and in RGB whatever the colour model of img. A square with more
// than twice the wanted pixels a side is reduced on the way by averaging whole blocks, so that the cost of what follows, in
// time and memory, does not grow with img.
func square(ctx context.Context, img image.Image, want int) (*image.RGBA, error) {
	b := img.Bounds()
	side := min(b.Dx(), b.Dy())
	block := max(1, side/(2*want))
	side -= side % block
	from := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))

	rows := image.NewRGBA(image.Rect(0, 0, side, block))
	out := image.NewRGBA(image.Rect(0, 0, side/block, side/block))
	for y := range side / block {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		draw.Draw(rows, rows.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(rows, rows.Rect, img, from.Add(image.Pt(0, y*block)), draw.Over)
		average(out.Pix[y*out.Stride:][:out.Stride], rows, block)
	}
	return out, nil
}

// average reduces rows, which is block pixels high, to one row.
func average(row []byte, rows *image.RGBA, block int) {
	area := block * block
	for x := 0; x < len(row); x += 4 {
		var r, g, b int
		for y := range block {
			pix := rows.Pix[y*rows.Stride+x*block:][:4*block]
			for i := 0; i < len(pix); i += 4 {
				r += int(pix[i])
				g += int(pix[i+1])
				b += int(pix[i+2])
			}
		}
		row[x] = byte((r + area/2) / area)
		row[x+1] = byte((g + area/2) / area)
		row[x+2] = byte((b + area/2) / area)
		row[x+3] = 0xff
	}
}
