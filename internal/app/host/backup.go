package host

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Names of an embedded installation's files in its folder.
const (
	StoreFile = "caretaker.db"
	KeysFile  = "keys"
)

// errNoCopy says that there is no file to copy.
var errNoCopy = errors.New("only an embedded installation that keeps its data in a folder can be copied")

// BackUp copies the data and the keys into a folder that is not there yet, while the installation goes on: both of one moment,
// for keys are only ever added. The folder is itself an installation.
func (l *Local) BackUp(folder string) error {
	if l.file == nil || l.folder == InMemory {
		return errNoCopy
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return fmt.Errorf("make the folder of the backup: %w", err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of the backup: %w", err)
	}
	if err := writeNew(filepath.Join(folder, StoreFile), l.file.Copy); err != nil {
		return err
	}
	return copyNew(filepath.Join(l.folder, KeysFile), filepath.Join(folder, KeysFile)) // last, so that no key is missing
}

// Restore copies a backup into a folder that holds no installation yet.
func Restore(from, folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	for _, name := range []string{KeysFile, StoreFile} {
		if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
			return fmt.Errorf("%s holds an installation already (%s); restore into another folder", folder, name)
		}
		if _, err := os.Lstat(filepath.Join(from, name)); err != nil {
			return fmt.Errorf("%s is no backup: %w", from, err)
		}
	}
	for _, name := range []string{KeysFile, StoreFile} {
		if err := copyNew(filepath.Join(from, name), filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}

func copyNew(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	defer f.Close()
	return writeNew(to, func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
}

// writeNew writes a new file, readable for this user only, and returns when the disk has it.
func writeNew(path string, content func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err = content(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
