// Package backup owns archives of a whole store: how they are written, read into an empty store, and how both are compared.
// What has to hold between records is package store's to say, and where records come from an engine's.
//
// An archive is a folder. data/*.json.gz hold a record a line, as DynamoDB's own export to S3 does in the format
// DYNAMODB_JSON, so that such an export is an archive too; summary.json, which only this package writes, says how many
// there are and what they come to.
package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/dynamo"
)

const (
	dataFolder  = "data"
	dataFile    = "records.json.gz"
	dataEnds    = ".json.gz"
	summaryFile = "summary.json"
	// summaryOfS3 is where DynamoDB's own export says how many there are.
	summaryOfS3 = "manifest-summary.json"

	// maxLine is far above a record's 400 KiB, a third more in base64.
	maxLine   = 1 << 20
	loadBatch = 500
)

// Export writes an archive into a folder that is not there yet.
func Export(ctx context.Context, from engine.Porter, folder string, at time.Time) (Summary, error) {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return Summary{}, fmt.Errorf("make the folder of the archive: %w", err)
	}
	if err := os.Mkdir(filepath.Join(folder, dataFolder), 0o700); err != nil {
		return Summary{}, fmt.Errorf("make the folder of the archive: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(folder, dataFolder, dataFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Summary{}, fmt.Errorf("write the archive: %w", err)
	}
	tally, err := write(ctx, f, from)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return Summary{}, fmt.Errorf("write the archive: %w", err)
	}
	s := tally.Summary()
	s.At = at.UTC()
	return s, writeSummary(folder, s) // last: without it the archive was cut off
}

func write(ctx context.Context, f *os.File, from engine.Porter) (Tally, error) {
	var tally Tally
	zipped := gzip.NewWriter(f)
	for r, err := range from.Records(ctx) {
		if err != nil {
			return tally, err
		}
		text, err := tally.Add(r)
		if err != nil {
			return tally, err
		}
		if _, err := zipped.Write(append(text, '\n')); err != nil {
			return tally, err
		}
	}
	return tally, zipped.Close()
}

func writeSummary(folder string, s Summary) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, summaryFile), append(text, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the archive's summary: %w", err)
	}
	return nil
}

// Records hands out what an archive holds.
func Records(folder string) iter.Seq2[engine.Record, error] {
	return func(yield func(engine.Record, error) bool) {
		stop := errors.New("enough")
		found := false
		err := filepath.WalkDir(folder, func(path string, at fs.DirEntry, err error) error {
			if err != nil || at.IsDir() || !strings.HasSuffix(path, dataEnds) {
				return err
			}
			found = true
			return eachLine(path, func(r engine.Record) error {
				if !yield(r, nil) {
					return stop
				}
				return nil
			})
		})
		if err == nil && !found {
			err = fmt.Errorf("%s holds no file *%s", folder, dataEnds)
		}
		if err != nil && !errors.Is(err, stop) {
			yield(engine.Record{}, fmt.Errorf("read the archive: %w", err))
		}
	}
}

func eachLine(path string, do func(engine.Record) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	lines := bufio.NewScanner(plain)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		r, err := dynamo.ParseLine(lines.Bytes())
		if err == nil {
			err = do(r)
		}
		if err != nil {
			return fmt.Errorf("%s, line %d: %w", path, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// ErrNotEmpty says that there is something already where an archive was to be read into.
var ErrNotEmpty = errors.New("the store holds records already; an archive is read into an empty one only")

// Import reads an archive into an empty store. It is read twice: first whole, so that a damaged one changes nothing. When it
// fails half way, begin again with another empty store.
func Import(ctx context.Context, folder string, to engine.Porter) (Summary, error) {
	s, err := Check(folder)
	if err != nil {
		return s, err
	}
	empty, err := to.Empty(ctx)
	if err != nil {
		return s, err
	}
	if !empty {
		return s, ErrNotEmpty
	}
	batch := make([]engine.Record, 0, loadBatch)
	for r, err := range Records(folder) {
		if err != nil {
			return s, err
		}
		if batch = append(batch, r); len(batch) < loadBatch {
			continue
		}
		if err := to.Load(ctx, batch); err != nil {
			return s, err
		}
		batch = batch[:0]
	}
	return s, to.Load(ctx, batch)
}

// Replace puts an archive in the place of all that a store holds. The archive is read whole first; when it fails after that, it
// is to be run again, for the store is then neither the one nor the other.
func Replace(ctx context.Context, folder string, to engine.Porter) (Summary, error) {
	if s, err := Check(folder); err != nil {
		return s, err
	}
	keys := make([]engine.Key, 0, loadBatch)
	for { // until a reading finds nothing, for a store may be read in pages while its records go
		keys = keys[:0]
		for r, err := range to.Records(ctx) {
			if err != nil {
				return Summary{}, err
			}
			if keys = append(keys, r.Key); len(keys) == loadBatch {
				break
			}
		}
		if len(keys) == 0 {
			return Import(ctx, folder, to)
		}
		if err := to.Remove(ctx, keys); err != nil {
			return Summary{}, err
		}
	}
}

// Check reads a whole archive, and holds it against what it says of itself.
func Check(folder string) (Summary, error) {
	var tally Tally
	for r, err := range Records(folder) {
		if err != nil {
			return Summary{}, err
		}
		if _, err := tally.Add(r); err != nil {
			return Summary{}, err
		}
	}
	s := tally.Summary()
	says, err := readSummary(folder)
	if err != nil {
		return s, err
	}
	s.At = says.At
	if says.Records != s.Records || says.Digest != "" && says.Digest != s.Digest {
		return s, fmt.Errorf("the archive is damaged: it says of itself %v and holds %v", says, s)
	}
	return s, nil
}

// readSummary reads what the archive says of itself, whoever wrote it.
func readSummary(folder string) (Summary, error) {
	var s Summary
	text, err := os.ReadFile(filepath.Join(folder, summaryFile))
	if err == nil {
		if err := json.Unmarshal(text, &s); err != nil {
			return s, fmt.Errorf("read the archive's summary: %w", err)
		}
		return s, nil
	}
	text, err = os.ReadFile(filepath.Join(folder, summaryOfS3))
	if err != nil {
		return s, fmt.Errorf("the archive has neither %s nor %s, so it may have been cut off: %w", summaryFile, summaryOfS3, err)
	}
	var export struct {
		ItemCount    int       `json:"itemCount"`
		ExportTime   time.Time `json:"exportTime"`
		OutputFormat string    `json:"outputFormat"`
	}
	if err := json.Unmarshal(text, &export); err != nil {
		return s, fmt.Errorf("read the archive's summary: %w", err)
	}
	if export.OutputFormat != "" && export.OutputFormat != "DYNAMODB_JSON" {
		return s, fmt.Errorf("the export is in the format %s; export it as DYNAMODB_JSON", export.OutputFormat)
	}
	return Summary{Records: export.ItemCount, At: export.ExportTime}, nil
}
