package console

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// asset is a file whose name changes with what is in it. Text is kept compressed only: every browser takes gzip, and who
// does not gets it unpacked.
type asset struct {
	mediaType string
	forms     map[string][]byte // by content coding; "" is the file as it is
}

// codings are the compressed forms, the smaller first, each with what the build puts behind the file's name.
var codings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

func readAssets(files fs.FS) (map[string]asset, error) {
	assets := map[string]asset{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(name, assetFolder+"/") {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		plain, coding := split(name)
		a, known := assets[plain]
		if !known {
			a = asset{mediaType: mime.TypeByExtension(path.Ext(plain)), forms: map[string][]byte{}}
			assets[plain] = a
		}
		a.forms[coding] = content
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the console's files: %w", err)
	}
	return assets, nil
}

// split takes a file's coding off its name.
func split(name string) (plain, coding string) {
	for _, c := range codings {
		if plain, compressed := strings.CutSuffix(name, c.suffix); compressed {
			return plain, c.name
		}
	}
	return name, ""
}

// serve answers with the form that the browser takes.
func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", a.mediaType)
	h.Set("Vary", "Accept-Encoding")
	body, coding, err := a.form(r.Header.Get("Accept-Encoding"))
	if err != nil {
		http.Error(w, "Something went wrong on our side. Please try again.", http.StatusInternalServerError)
		return
	}
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the reader has gone away if this fails
}

func (a asset) form(accepted string) (body []byte, coding string, err error) {
	for _, c := range codings {
		if body, there := a.forms[c.name]; there && accepts(accepted, c.name) {
			return body, c.name, nil
		}
	}
	if body, there := a.forms[""]; there {
		return body, "", nil
	}
	body, err = unpack(a.forms["gzip"])
	return body, "", err
}

// accepts reads the header Accept-Encoding (RFC 9110, 12.5.3) as far as browsers use it: a list of names, where a weight
// of nothing refuses.
func accepts(header, coding string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q, weighted := strings.CutPrefix(strings.TrimSpace(weight), "q=")
			return !weighted || strings.Trim(q, "0.") != ""
		}
	}
	return false
}

func unpack(packed []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}
