package keyfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/caretaker/caretaker/internal/seal"
)

const (
	ownerOnly  = 0o600
	othersMask = 0o077

	// maxFile is in bytes, room for about a thousand keys. What is longer is some other file.
	maxFile = 64 << 10
)

// load reads the file. errors.Is finds fs.ErrNotExist when there is none.
func load(path string) (ring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, seal.Failed("read the key file: %w", err)
	}
	defer f.Close()
	if err := guarded(f); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, seal.Failed("read the key file: %w", err)
	}
	if len(text) > maxFile {
		return nil, seal.Failed("%s is longer than %d bytes, so it is not a key file: look whether the path is right", path, maxFile)
	}
	keys, err := parse(text)
	if err != nil {
		return nil, seal.Failed("the key file %s is damaged: %w. Put back a copy of it, or the line that is named. Do not delete it, "+
			"for without its keys nothing that they sealed can be read", path, err)
	}
	return keys, nil
}

// guarded looks at the open file, since another may stand under its name a moment later.
func guarded(f *os.File) error {
	about, err := f.Stat()
	if err != nil {
		return seal.Failed("read the key file: %w", err)
	}
	if !about.Mode().IsRegular() {
		return seal.Failed("%s is not a file: look whether the path is right", f.Name())
	}
	// Windows knows no such modes; there the folder's rights have to do.
	if mode := about.Mode().Perm(); mode&othersMask != 0 && runtime.GOOS != "windows" {
		return seal.Failed("the key file %s is open to other users of this machine (mode %04o): run `chmod 600 %[1]s`. If somebody "+
			"may have read it, add a key, and have what the others sealed sealed anew", f.Name(), mode)
	}
	return nil
}

// create writes a new file so that it is there whole or not at all, even after a crash. errors.Is finds fs.ErrExist when
// there is one already. (A rename would replace that one; a link does not.)
func create(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return seal.Failed("make a key file: %w", err)
	}
	err = write(f, text)
	if err == nil {
		err = os.Link(f.Name(), path)
	}
	if err = errors.Join(err, os.Remove(f.Name())); err != nil {
		return seal.Failed("make the key file %s: %w", path, err)
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// rewrite replaces the file by one with the keys that change makes of those in it. The new file is prepared under one
// name, which keeps a second rewrite out: it would lose the key that the first adds.
func rewrite(path string, change func(ring) (ring, error)) (ring, error) {
	prepared := path + ".new"
	f, err := os.OpenFile(prepared, os.O_CREATE|os.O_EXCL|os.O_WRONLY, ownerOnly)
	if errors.Is(err, fs.ErrExist) {
		return nil, seal.Failed("add a key: another process is adding one, or was stopped while it did. If none is running, delete "+
			"%s, with which nothing was sealed, and try again", prepared)
	}
	if err != nil {
		return nil, seal.Failed("add a key: %w", err)
	}
	keys, err := replaced(f, path, change)
	if err != nil {
		return nil, errors.Join(err, os.Remove(prepared))
	}
	syncFolder(filepath.Dir(path))
	return keys, nil
}

func replaced(f *os.File, path string, change func(ring) (ring, error)) (ring, error) {
	keys, err := load(path)
	if err == nil {
		keys, err = change(keys)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := write(f, keys.text()); err != nil {
		return nil, seal.Failed("write the key file: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return nil, seal.Failed("write the key file: %w", err)
	}
	return keys, nil
}

// write returns when the disk has it, and closes the file.
func write(f *os.File, text []byte) error {
	_, err := f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncFolder makes the name of a new file as durable as its content. Not every system can, or needs to.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}
