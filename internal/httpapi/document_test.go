package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/httpapi"
)

var update = flag.Bool("update", false, "write docs/openapi.yaml and openapi.json.gz anew")

// The document in docs is what the code says. After a change of the interface: go test ./internal/httpapi -update
func TestTheDocumentedInterfaceIsTheRealOne(t *testing.T) {
	t.Parallel()
	const file = "../../docs/openapi.yaml"
	want, err := httpapi.Document().YAML()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/openapi.yaml differs from the code (go test ./internal/httpapi -update): %s", diff)
	}
}

// What is served is made of the code too, ahead: with the same -update.
func TestTheServedDocumentIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	const file = "openapi.json.gz"
	want, err := json.Marshal(httpapi.Document())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, zipped(t, want), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Log("what is served is looked at when the tests are built again")
		return
	}
	api, err := httpapi.New(&directory.Directory{Clock: time.Now}, httpapi.Config{Log: slog.New(slog.DiscardHandler)}, httpapi.Session())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/openapi.json", http.NoBody))
	if got := w.Body.Bytes(); w.Code != http.StatusOK || !bytes.Equal(got, want) {
		t.Errorf("status %d; what is served differs from the code (go test ./internal/httpapi -update): %s",
			w.Code, cmp.Diff(string(want), string(got)))
	}
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The page is put together by hand, so what people typed is made harmless by hand too.
func TestThePageOfAnOptOutEscapesTheNameOfTheOrganisation(t *testing.T) {
	t.Parallel()
	const name = `<script>alert("x")</script> & 'sons'`
	for _, done := range []bool{false, true} {
		page := httpapi.OptOutPage(name, done)
		if strings.Contains(page, "<script") || strings.Count(page, html.EscapeString(name)) != 2 {
			t.Errorf("done %v: %s", done, page)
		}
	}
}

func TestOperationsAreNamedOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, op := range httpapi.Operations() {
		if seen[op.ID] || op.Summary == "" || op.Area == "" {
			t.Errorf("%+v", op)
		}
		seen[op.ID] = true
	}
	if len(seen) < 20 {
		t.Errorf("only %d operations", len(seen))
	}
}

// Every code that the source can answer with is in the documentation, and every documented one is in the source.
func TestEveryErrorCodeIsDocumented(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[httpapi.Problem]().FieldByName("Code")
	documented := strings.Split(field.Tag.Get("enum"), ",")
	used := usedCodes(t)
	slices.Sort(documented)
	if diff := cmp.Diff(used, documented); diff != "" {
		t.Errorf("used, but not documented (-), and the reverse (+):\n%s", diff)
	}
}

// notShown are codes of errors that never reach a caller of the interface.
var notShown = []string{
	"mail_invalid", "mail_misconfigured", "mail_refused", "invalid_user_id", "sealing_failed", "secret_unreadable",
	"mail_feedback_unknown",
}

func usedCodes(t *testing.T) []string {
	t.Helper()
	var codes []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			codes = append(codes, codeIn(n)...)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	codes = slices.DeleteFunc(codes, func(c string) bool { return slices.Contains(notShown, c) })
	slices.Sort(codes)
	return slices.Compact(codes)
}

// codeIn finds `Code: "…"`, the second argument of newProblem, and the values of codeOfStatus.
func codeIn(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
			return text(n.Value)
		}
		if key, ok := n.Key.(*ast.SelectorExpr); ok && strings.HasPrefix(key.Sel.Name, "Status") {
			return slices.DeleteFunc(text(n.Value), func(s string) bool { return strings.ContainsAny(s, " .") })
		}
	case *ast.CallExpr:
		if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "newProblem" {
			return text(n.Args[1])
		}
	}
	return nil
}

func text(e ast.Expr) []string {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return nil
	}
	s, err := strconv.Unquote(literal.Value)
	if err != nil {
		return nil
	}
	return []string{s}
}
