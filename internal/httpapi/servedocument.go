package httpapi

import (
	"compress/gzip"
	_ "embed"
	"io"
	"net/http"
	"strings"
)

// documentJSON is the OpenAPI document of all areas. It is written by a test and not by whoever serves it, which would
// have to hold the operations of all areas for it.
//
//go:embed openapi.json.gz
var documentJSON string

// serveDocument serves the OpenAPI document of all areas.
func (g *group) serveDocument() {
	g.mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		text, err := gzip.NewReader(strings.NewReader(documentJSON))
		if err != nil {
			writeProblem(r.Context(), w, g.problemOf(r.Context(), "getDocument", err))
			return
		}
		w.Header().Set("Content-Type", "application/vnd.oai.openapi+json")
		_, _ = io.Copy(w, text) //nolint:gosec // a file of the program; and the caller has gone away if this fails
	})
}
