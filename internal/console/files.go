package console

import (
	"embed"
	"io/fs"
)

// A fresh clone has nothing in it but a page that says so, so that everything compiles and is tested without Node.
//
//go:embed all:built
var embedded embed.FS

// Files is the console as it was built into this program.
func Files() fs.FS {
	files, err := fs.Sub(embedded, "built")
	if err != nil {
		panic(err) // the name above is a valid one
	}
	return files
}
