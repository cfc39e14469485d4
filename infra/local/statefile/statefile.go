// Package statefile keeps a value of the local runner as JSON in a file that only this user can read. It knows nothing
// of what the values mean, and it is for one process at a time: whoever holds the data folder.
package statefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Load reads the file into value, which stays as it is when there is no file or the name is "". It fails for a file
// that holds something else.
func Load(name string, value any) error {
	if name == "" {
		return nil
	}
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(content, value)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// Save replaces the file by one with the value, so that a crash leaves the old or the new one whole. With the name ""
// it does nothing.
func Save(name string, value any) error {
	if name == "" {
		return nil
	}
	content, err := json.MarshalIndent(value, "", "  ")
	if err == nil {
		err = replace(name, append(content, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func replace(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // mode 0600; beside it, so that the rename is atomic
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
