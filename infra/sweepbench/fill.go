package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/caretaker/caretaker/internal/credentials/embedded"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store"
	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/text"
)

// gathered takes what the store would commit, one Commit a user, and writes it in few large transactions: the records are
// the product's own, and only the way into the file is another one.
type gathered struct {
	engine.Engine // the one that is filled
	puts          []engine.Op
	counts        map[engine.Key]int64
}

// Commit implements engine.Engine for records that are new and for counters.
func (g *gathered) Commit(_ context.Context, ops ...engine.Op) error {
	for _, op := range ops {
		switch op.Kind {
		case engine.OpAdd:
			g.counts[op.Key()] += op.Delta
		case engine.OpPut:
			g.puts = append(g.puts, engine.Set(op.Record))
		case engine.OpCheck: // that no organisation of the name was closed, which none was
		default:
			return fmt.Errorf("a new store has nothing to %s", op.Kind)
		}
	}
	return nil
}

// flush writes what was gathered, with so many Commits that wait for one transaction.
func (g *gathered) flush(ctx context.Context, abreast int) error {
	for _, k := range slices.SortedFunc(maps.Keys(g.counts), func(a, b engine.Key) int { return len(a.Sort) - len(b.Sort) }) {
		g.puts = append(g.puts, engine.Set(engine.Record{Key: k, Count: g.counts[k]}))
	}
	var group errgroup.Group
	group.SetLimit(abreast)
	for ops := range slices.Chunk(g.puts, engine.MaxOps) {
		group.Go(func() error { return g.Engine.Commit(ctx, ops...) })
	}
	err := group.Wait()
	g.puts, g.counts = g.puts[:0], map[engine.Key]int64{}
	return err
}

// fill stores the organisations with so many users each.
func fill(ctx context.Context, s setup, e engine.Engine, users int) error {
	g := &gathered{Engine: e, counts: map[engine.Key]int64{}}
	f := filler{setup: s, store: store.New(g, text.Fold), vault: store.NewVault(g, "password")}
	for org := range s.organisations {
		if err := f.organisation(ctx, org, users); err != nil {
			return err
		}
		abreast := 256 // the engine's most
		if org >= s.organisations-3 {
			abreast = 4 // which uses up the free pages that large transactions leave in the file, and life does not
		}
		if err := g.flush(ctx, abreast); err != nil {
			return fmt.Errorf("fill the store: %w", err)
		}
	}
	return nil
}

type filler struct {
	setup
	store *store.Store
	vault store.Vault
	ids   int
}

func (f *filler) organisation(ctx context.Context, number, users int) error {
	o, err := organisation(number)
	if err != nil {
		return err
	}
	err = f.store.Commit(ctx, directory.Change{
		Entries: []directory.Entry{f.entry(o, directory.User{}, directory.OrganisationCreated)},
		Writes:  []directory.Write{directory.PutOrganisation{Organisation: o}},
	})
	for n := 0; n < users && err == nil; n++ {
		err = f.user(ctx, o, f.member(o, number, n))
	}
	return err
}

// user stores a user with what a user leaves in a store: a name that is taken, a password, two lines of the audit trail.
func (f *filler) user(ctx context.Context, o directory.Organisation, u directory.User) error {
	put := o.Put(u)
	writes := []directory.Write{put}
	if u.Status == directory.Active {
		writes = append(writes, directory.CountHolders{Org: o.Slug, Role: u.Roles[0], Delta: 1})
	}
	err := f.store.Commit(ctx, directory.Change{
		Entries: []directory.Entry{f.entry(o, u, directory.UserCreated), f.entry(o, u, directory.SignInSucceeded)}, Writes: writes,
	})
	if err != nil {
		return err
	}
	const hash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$C2bJX5C8UDEyhA6t5ZLsAjU0L1IgblzsC2bJX5C8UDE"
	body, err := json.Marshal(embedded.Entry{Hash: hash})
	if err != nil {
		return fmt.Errorf("write a password: %w", err)
	}
	return f.vault.Save(ctx, string(u.ID), body, 0)
}

func (f *filler) entry(o directory.Organisation, u directory.User, a directory.Action) directory.Entry {
	f.ids++
	who := directory.Party{Org: o.Slug, User: u.ID, Username: u.Username, Name: u.Name()}
	return directory.Entry{ID: fmt.Sprintf("01h%023d", f.ids), Org: o.Slug, At: began, Action: a, Actor: who, Subject: who}
}
