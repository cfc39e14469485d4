package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/backup"
	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/seal/keyfile"
)

// moved are the flags of what has to do with a backup.
func (p program) moved(command, folder, usage string, args []string) (at place, named string, err error) {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	at.flags(flags)
	name := flags.String(folder, "", usage)
	err = p.parse(flags, args)
	return at, *name, err
}

var errNoFolder = errors.New("name the folder of the backup: TO or FROM (-to, -from)")

// backUp writes all records of a deployment into an archive, or copies an embedded installation.
func (p program) backUp(ctx context.Context, args []string) error {
	at, to, err := p.moved("backup", "to", "a folder that is not there yet", args)
	if err == nil {
		err = at.check()
	}
	if err == nil && to == "" {
		err = errNoFolder
	}
	if err != nil {
		return err
	}
	if at.data != "" {
		return p.copyOf(at.data, to)
	}
	w, _, err := p.open(ctx, at)
	if err != nil {
		return err
	}
	s, err := backup.Export(ctx, w.Porter, to, time.Now())
	if err == nil {
		fmt.Fprintf(p.stdout, "%s: %v\n", to, s)
	}
	return errors.Join(err, w.Close())
}

func (p program) copyOf(data, to string) error {
	l, err := host.OpenEmbedded(p.config(app.Config{BaseURL: "http://127.0.0.1"}), data, time.Now, embedded.Recommended())
	if err != nil {
		return fmt.Errorf("%w\nWhile it runs it backs itself up: curl -X POST http://127.0.0.1:8080/dev/run/backup", err)
	}
	if err = errors.Join(l.BackUp(to), l.Close()); err == nil {
		fmt.Fprintf(p.stdout, "%s: data and keys; whoever has both can read all secrets\n", to)
	}
	return err
}

// restore reads a backup into an installation that is empty, and verifies what has become of it.
func (p program) restore(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("restore", flag.ContinueOnError)
	var at place
	at.flags(flags)
	source := flags.String("from", "", "the folder of a backup")
	replace := flags.String("replace", "", "the stack's name once more: what its table holds is deleted first")
	if err := p.parse(flags, args); err != nil {
		return err
	}
	from := *source
	if (at.stack == "") == (at.data == "") {
		return errPlace
	}
	if from == "" {
		return errNoFolder
	}
	if at.data != "" {
		if err := host.Restore(from, at.data); err != nil {
			return err
		}
		return p.look(ctx, at, "")
	}
	if *replace != "" && *replace != at.stack {
		return fmt.Errorf("-replace (REPLACE) is %q, and the stack is %q", *replace, at.stack)
	}
	w, _, err := p.open(ctx, at)
	if err != nil {
		return err
	}
	read := backup.Import
	if *replace != "" {
		read = backup.Replace
	}
	_, err = read(ctx, from, w.Porter)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	return p.look(ctx, at, from)
}

// verify looks whether an installation is sound, and holds what an archive does if one is named.
func (p program) verify(ctx context.Context, args []string) error {
	at, from, err := p.moved("verify", "from", "the archive that was restored, before anything else is written", args)
	if err == nil {
		err = at.check()
	}
	if err != nil {
		return err
	}
	return p.look(ctx, at, from)
}

var errUnsound = errors.New("not everything fits; the lines above say what")

func (p program) look(ctx context.Context, at place, archive string) error {
	w, _, err := p.open(ctx, at)
	if err != nil {
		return err
	}
	v, err := w.Verify(ctx)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	v.Tell(p.stdout)
	if archive != "" {
		s, err := backup.Check(archive)
		if err != nil {
			return err
		}
		if s.Records != v.Records || s.Digest != v.Digest {
			return fmt.Errorf("the store differs from the archive, which holds %v", s)
		}
		fmt.Fprintln(p.stdout, "the same as the archive")
	}
	if !v.Sound() {
		return errUnsound
	}
	return nil
}

// rotateKey adds a key to the key file of an embedded installation, which seals from then on.
func (p program) rotateKey(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("rotate-key", flag.ContinueOnError)
	var at place
	at.flags(flags)
	if err := p.parse(flags, args, "data"); err != nil {
		return err
	}
	if err := at.check(); err != nil {
		return err
	}
	path := filepath.Join(at.data, host.KeysFile)
	s, err := keyfile.Open(keyfile.Config{Path: path, Random: rand.Reader})
	if err == nil {
		err = s.AddKey()
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s has a new key, with which is sealed from the next start on; the former ones stay, to open what they sealed\n"+
		"Back the file up now, and start the installation anew.\n", path)
	return nil
}
