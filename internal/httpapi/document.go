package httpapi

import (
	"log/slog"

	"github.com/danielgtaylor/huma/v2"

	"github.com/caretaker/caretaker/internal/directory"
)

// Document makes the OpenAPI document of all areas, whichever of them run here.
func Document() *huma.OpenAPI { return whole().huma.OpenAPI() }

// Operations lists the operations of all areas.
func Operations() []Operation {
	var list []Operation
	for _, path := range Document().Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
			if op != nil {
				list = append(list, op.Metadata["operation"].(Operation))
			}
		}
	}
	return list
}

// whole is an API that is never served: it only knows its operations.
func whole() *API {
	a, err := New(&directory.Directory{}, Config{Secure: true, Log: slog.New(slog.DiscardHandler)}, Areas()...)
	if err != nil { // no trusted origins, no errors
		panic(err)
	}
	return a
}
