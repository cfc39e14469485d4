package inbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// journal is the file of an Inbox: one mail as JSON on each line, oldest first.
type journal struct {
	file  *os.File
	lines int
}

// readJournal returns the mails of the file, none if there is no file. A last line that a crash cut off is left out;
// any other line that is no mail is an error, because the file is then something else.
func readJournal(name string) ([]Received, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readLines(bufio.NewReader(f))
}

func readLines(in *bufio.Reader) ([]Received, error) {
	var sent []Received
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return sent, nil // what stands after the last line break was not finished
		}
		if err != nil {
			return nil, err
		}
		var r Received
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("line %d is no mail: %w", n, err)
		}
		sent = append(sent, r)
	}
}

// startJournal replaces the file by one with these mails, ready for more.
func startJournal(name string, sent []Received) (*journal, error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // beside it, so that the rename is atomic
	if err != nil {
		return nil, err
	}
	j := &journal{file: f}
	for _, r := range sent {
		if err = j.append(r); err != nil {
			break
		}
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return j, nil
}

// append writes the line in one piece, so that a crash leaves at most its beginning.
func (j *journal) append(r Received) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	j.lines++
	return nil
}

func (j *journal) close() error { return j.file.Close() }
