package attachment

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// makePDF writes objects behind as many zeros as given, and a table and a trailer. It returns what stands behind the zeros.
func makePDF(zeros int, trailer string, objects ...string) []byte {
	var out bytes.Buffer
	var table strings.Builder
	for i, object := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", zeros+out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := zeros + out.Len()
	fmt.Fprintf(&out, "xref\n0 1\n0000000000 65535 f \n1 %d\n%s", len(objects), table.String())
	fmt.Fprintf(&out, "trailer\n<< /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", trailer, start)
	return out.Bytes()
}

func pdfFile(trailer string, objects ...string) []byte {
	const header = "%PDF-1.7\n"
	return append([]byte(header), makePDF(len(header), trailer, objects...)...)
}

func TestPDF(t *testing.T) {
	const catalog, pages = "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 12 /Kids [] >>"
	titled := func(title string) []byte { return pdfFile("/Info << /Title "+title+" >>", catalog, pages) }
	kids := "<< /Kids [" + strings.Repeat("7 0 R ", 5000) + "] /Count 5000 >>"
	update := pdfFile("", catalog, pages)
	next := fmt.Sprintf("2 0 obj <</Count 13>> endobj\nxref\n2 1\n%010d 00000 n \ntrailer <</Root 1 0 R/Prev %d>>\nstartxref %d",
		len(update), bytes.Index(update, []byte("xref")), len(update)+len("2 0 obj <</Count 13>> endobj\n"))
	for name, test := range map[string]struct {
		src   []byte
		pages int
		title string
	}{
		"plain":               {pdfFile("", catalog, pages), 12, ""},
		"direct pages":        {pdfFile("", "<</Pages<</Count 7>>>>"), 7, ""},
		"many kids":           {pdfFile("", catalog, kids), 5000, ""},
		"update":              {append(update, next...), 13, ""},
		"title":               {titled("(a (b) \\(c\\) \\101\\\\)"), 12, `a (b) (c) A\`},
		"title over lines":    {titled("(a\\\nb\\nc)"), 12, "abc"},
		"title in hex":        {titled("<41 42 4>"), 12, "AB@"},
		"title in UTF-16":     {titled("<feff 0416 d83d de00 00>"), 12, "Ж😀"},
		"title in UTF-8":      {titled("(\xef\xbb\xbfЖ)"), 12, "Ж"},
		"title in Latin-1":    {titled("(\xe9\x01)"), 12, "é"},
		"long title":          {titled("(" + strings.Repeat("x", 1000) + ")"), 12, strings.Repeat("x", 200)},
		"title elsewhere":     {pdfFile("/Info 3 0 R", catalog, pages, "<< /T#69tle 4 0 R >>", "(far)"), 12, "far"},
		"encrypted":           {pdfFile("/Encrypt 4 0 R /Info << /Title (\x80\x81) >>", catalog, pages), 12, ""},
		"negative count":      {pdfFile("", catalog, "<< /Count -3 >>"), 0, ""},
		"count is a name":     {pdfFile("", catalog, "<< /Count /Many >>"), 0, ""},
		"pages point to root": {pdfFile("", "<< /Pages 1 0 R >>"), 0, ""},
		"wrong table":         {bytes.Replace(pdfFile("", catalog, pages), []byte("0000000009"), []byte("0000000010"), 1), 0, ""},
		"no table":            {[]byte("%PDF-1.7\nstartxref\n0\n"), 0, ""},
		"table of itself":     {[]byte("%PDF-1.7\nxref\n0 0\ntrailer << /Prev 9 >>\nstartxref\n9\n"), 0, ""},
		"deep":                {pdfFile("", catalog, strings.Repeat("[", 10_000)), 0, ""},
	} {
		if got := inspect(t, test.src, "file"); got.Pages != test.pages || got.Title != test.title || got.MIME != "application/pdf" {
			t.Errorf("%s: %d pages, title %q", name, got.Pages, got.Title)
		}
	}
}
