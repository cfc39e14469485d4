package console

import (
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
)

// Server answers with the console's files.
type Server struct {
	page   []byte // index.html, with the placeholder; or the page that says there is none
	built  bool
	assets map[string]asset
	early  map[string]early // by language
	random io.Reader
}

// placeholder stands in index.html for what differs from answer to answer: Vite writes it wherever a nonce belongs.
const placeholder = "{{nonce}}"

const (
	indexFile   = "index.html"
	unbuiltFile = "unbuilt.html"
	assetFolder = "assets"
)

// New reads the files, which it keeps; random gives the nonces.
func New(files fs.FS, random io.Reader) (*Server, error) {
	s := &Server{random: random, built: true}
	var err error
	if s.page, err = fs.ReadFile(files, indexFile); err != nil {
		s.built = false
		s.page, err = fs.ReadFile(files, unbuiltFile)
	}
	if err != nil {
		return nil, fmt.Errorf("the console has no page: %w", err)
	}
	if s.early, err = readEarly(files); err != nil {
		return nil, err
	}
	s.assets, err = readAssets(files)
	return s, err
}

// ServeHTTP answers a request for a file of the console.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	guard(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "There is only something to read here.", http.StatusMethodNotAllowed)
		return
	}
	if a, found := s.assets[strings.TrimPrefix(r.URL.Path, "/")]; found {
		a.serve(w, r)
		return
	}
	if !isPage(r.URL.Path) {
		w.Header().Set("Cache-Control", "no-store") // the next version may have it
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return
	}
	s.servePage(w, r)
}

// isPage tells whether the console shows something at a path. Which pages there are below, its own script knows.
func isPage(p string) bool {
	if p == "/" {
		return true
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	return path.Clean(p) == strings.TrimSuffix(p, "/") && slices.Contains([]string{"o", "operator"}, first)
}

// nonceBytes makes a nonce of 128 bits, as many as the CSP specification asks for.
const nonceBytes = 16

// servePage answers with the page, which is never kept: it names the files of the version that is in force.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	raw := make([]byte, nonceBytes)
	if _, err := io.ReadFull(s.random, raw); err != nil {
		http.Error(w, "Something went wrong on our side. Please try again.", http.StatusInternalServerError)
		return
	}
	nonce := base64.RawURLEncoding.EncodeToString(raw)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Cookie")
	h.Set("Content-Security-Policy", policy(nonce))
	if !s.built {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	page := s.earlyFor(string(s.page), r)
	_, _ = io.WriteString(w, strings.ReplaceAll(page, placeholder, nonce)) // the reader has gone away if this fails
}
