package attachment

import (
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// Sniffed is how many bytes at the beginning of a file MIME looks at.
const Sniffed = 3072

const (
	unknown = "application/octet-stream"
	ole     = "application/x-ole-storage" // the container of Microsoft's old formats, and of encrypted new ones
	plain   = "text/plain"
)

// MIME returns the type of a file that begins with head, without parameters: what the bytes tell, or what the extension of the name
// tells where that is the more exact answer (any text may be CSV, but no PDF is), or application/octet-stream.
func MIME(head []byte, name string) string {
	found := unknown
	if len(head) > 0 {
		found, _, _ = strings.Cut(mimetype.Detect(head).String(), ";")
	}
	if own, ok := asWhatsApp[found]; ok {
		found = own
	}
	named := byExtension[strings.ToLower(path.Ext(name))]
	if named != "" && narrows(named, found) {
		return named
	}
	return found
}

// narrows tells whether a file of the type found may well be one of the type that its name tells.
func narrows(named, found string) bool {
	switch found {
	case unknown:
		return true
	case ole:
		return strings.HasPrefix(named, "application/")
	case plain:
		if strings.HasPrefix(named, "text/") {
			return true
		}
	}
	for m := mimetype.Lookup(named); m != nil; m = m.Parent() {
		if m.Parent() != nil && m.Is(found) {
			return true
		}
	}
	return false
}

// Extension returns the usual extension of files of a type, with its dot; ".bin" if there is none.
func Extension(mime string) string {
	mime, _, _ = strings.Cut(mime, ";")
	if ext, ok := usualExtension[mime]; ok {
		return ext
	}
	if m := mimetype.Lookup(mime); m != nil && m.Extension() != "" {
		return m.Extension()
	}
	return ".bin"
}

// asWhatsApp has what WhatsApp's clients call a type where package mimetype has another name for it.
var asWhatsApp = map[string]string{
	"audio/x-m4a":            "audio/mp4",
	"video/x-m4v":            "video/mp4",
	"application/ogg":        "audio/ogg",
	"image/vnd.mozilla.apng": "image/png",
}

var usualExtension = map[string]string{
	"audio/ogg": ".ogg", "audio/mp4": ".m4a", "audio/3gpp": ".3gp", "audio/amr-wb": ".amr", "audio/webm": ".webm",
	"text/markdown": ".md", "text/css": ".css", "application/yaml": ".yaml", "video/mp2t": ".ts",
}

// byExtension is a table of our own, since package mime reads one that differs from machine to machine.
var byExtension = map[string]string{
	".txt": plain, ".log": plain, ".md": "text/markdown", ".csv": "text/csv", ".tsv": "text/tab-separated-values",
	".htm": "text/html", ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".ics": "text/calendar", ".vcf": "text/vcard",
	".srt": "application/x-subrip", ".vtt": "text/vtt", ".json": "application/json", ".xml": "text/xml", ".yaml": "application/yaml",
	".yml": "application/yaml", ".rtf": "text/rtf", ".eml": "message/rfc822",

	".pdf": "application/pdf", ".ps": "application/postscript", ".epub": "application/epub+zip",
	".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	".msg":  "application/vnd.ms-outlook",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":  "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet",
	".odp": "application/vnd.oasis.opendocument.presentation",
	".zip": "application/zip", ".rar": "application/x-rar-compressed", ".7z": "application/x-7z-compressed", ".tar": "application/x-tar",
	".gz": "application/gzip", ".apk": "application/vnd.android.package-archive", ".jar": "application/java-archive",
	".exe": "application/vnd.microsoft.portable-executable", ".dwg": "image/vnd.dwg", ".dxf": "image/vnd.dxf",

	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".bmp": "image/bmp",
	".tif": "image/tiff", ".tiff": "image/tiff", ".heic": "image/heic", ".heif": "image/heif", ".avif": "image/avif",
	".svg": "image/svg+xml", ".psd": "image/vnd.adobe.photoshop", ".ico": "image/x-icon",

	".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".3gp": "video/3gpp", ".webm": "video/webm",
	".mkv": "video/x-matroska", ".avi": "video/x-msvideo", ".mpg": "video/mpeg", ".mpeg": "video/mpeg", ".wmv": "video/x-ms-asf",
	".flv": "video/x-flv", ".ts": "video/mp2t",

	".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".m4a": "audio/mp4", ".aac": "audio/aac",
	".amr": "audio/amr", ".wav": "audio/wav", ".flac": "audio/flac", ".aiff": "audio/aiff", ".mid": "audio/midi",
}
