package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/caretaker/caretaker/infra/local/demo"
	"github.com/caretaker/caretaker/internal/app/host"
	"github.com/caretaker/caretaker/internal/directory"
)

// greet says where to go and how to sign in, in one piece, so that the log does not come in between.
func greet(
	ctx context.Context, stdout io.Writer, s settings, url string, people *demo.Demo, operator *directory.Founded, took time.Duration,
) error {
	organisations, more, err := people.AtOnce(ctx)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "\nCaretaker is ready after %d ms: %s\n\n", took.Milliseconds(), url)
	for _, o := range organisations {
		table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(table, "  %s\torganisation\tusername\tpassword\n", o.Name)
		for _, u := range o.Users {
			fmt.Fprintf(table, "    %s\t%s\t%s\t%s\t%s\n", u.Name, o.Slug, u.Username, cmp.Or(u.Password, "?"), u.Note)
		}
		if err := table.Flush(); err != nil {
			return err
		}
		out.WriteByte('\n')
	}
	if operator != nil {
		fmt.Fprintf(&out, "  The platform is new. Its operator signs in to the organisation %s as %s\n  with the one-time password %s"+
			" , which is shown this once.\n\n", operator.Organisation.Slug, operator.User.Username, string(operator.Password))
	}
	if more {
		fmt.Fprintf(&out, "  More organisations are being set up, one for each further preset, and another authority. %s/dev lists them all,\n"+
			"  as soon as they are there.\n\n", url)
	}
	fmt.Fprintf(&out, "  Console  %s\n  Help     %s/dev\n  Inbox    %s/inbox\n  API      %s/api/openapi.json\n  Data     %s\n\n"+
		"Ctrl-C stops it.\n\n", url, url, url, url, s.whereabouts())
	_, err = out.WriteTo(stdout)
	return err
}

// whereabouts says where the data are.
func (s settings) whereabouts() string {
	switch {
	case s.aws:
		return "in emulators of AWS; nothing is kept"
	case s.data == host.InMemory:
		return "in memory; nothing is kept"
	default:
		return "in the folder " + s.data
	}
}
