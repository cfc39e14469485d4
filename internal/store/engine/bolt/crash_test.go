package bolt_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/caretaker/caretaker/internal/store/engine"
	"github.com/caretaker/caretaker/internal/store/engine/bolt"
)

// victim is set for the process that is to be killed: the file it writes to.
const victim = "CARETAKER_BOLT_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(path, os.Getenv(victim+"_ROUND")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const writers = 8

// writeUntilKilled commits from several goroutines, each Commit with a count, a record and a record in the outbox,
// and prints a line for each that has been acknowledged. It only returns if something went wrong.
func writeUntilKilled(path, round string) error {
	e, err := bolt.Open(path, bolt.WithFeed(inOutbox))
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range writers {
		go func() {
			for i := 1; ; i++ {
				if err := e.Commit(context.Background(), crashCommit(round, w, i)...); err != nil {
					failed <- err
					return
				}
				fmt.Println(w, i)
			}
		}()
	}
	return <-failed
}

func inOutbox(k engine.Key) bool { return k.Partition == "outbox" }

func crashCommit(round string, writer, i int) []engine.Op {
	who, what := fmt.Sprint(round, "/", writer), fmt.Sprintf("%s/%d/%06d", round, writer, i)
	return []engine.Op{
		engine.Add(engine.Key{Partition: "count", Sort: who}, 1, int64(i), int64(i)),
		engine.Put(engine.Record{
			Key: engine.Key{Partition: "rows", Sort: what}, Body: []byte(what),
			Index: map[engine.Index]engine.Position{engine.Index1: {Partition: who, Sort: what}},
		}),
		engine.Put(engine.Record{Key: engine.Key{Partition: "outbox", Sort: what}}),
	}
}

// This shows that what was acknowledged survives the death of the process. That it survives a power cut rests on the
// order of writes and fsyncs in bbolt, which no test here can show.
func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	path := file(t)
	for round := range 3 {
		acknowledged := killWhileWriting(t, path, fmt.Sprint(round), 20+rand.IntN(400))
		e := open(t, path, bolt.WithFeed(inOutbox))
		outbox := takeAll(t, e)
		for w, last := range acknowledged {
			kept := wantWhole(t, e, fmt.Sprint(round), w, outbox)
			if kept < last {
				t.Errorf("round %d, writer %d: %d were acknowledged, %d are there", round, w, last, kept)
			}
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killWhileWriting lets a process write until it has acknowledged so many Commits, kills it, and returns the last
// Commit that each writer has acknowledged.
func killWhileWriting(t *testing.T, path, round string, after int) (last [writers]int) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), victim+"="+path, victim+"_ROUND="+round)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines, total := bufio.NewScanner(out), 0
	for lines.Scan() {
		var w, i int
		if n, err := fmt.Sscan(lines.Text(), &w, &i); n != 2 {
			t.Errorf("the process printed %q: %v", lines.Text(), err)
			continue
		}
		last[w] = max(last[w], i)
		total++
		if total == after {
			_ = child.Process.Kill() // SIGKILL; what it had acknowledged until then is still read
		}
	}
	if err := child.Wait(); err == nil || total < after {
		t.Fatalf("the process ended by itself after %d Commits: %v", total, err)
	}
	t.Logf("round %s: killed after %d acknowledged Commits, %d in all", round, after, total)
	return last
}

// takeAll empties the feed into a set of sort keys.
func takeAll(t *testing.T, e *bolt.Engine) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	// A change of the test's own comes last, so there is always one to wait for.
	end := engine.Key{Partition: "outbox", Sort: "end"}
	if err := e.Commit(t.Context(), engine.Set(engine.Record{Key: end})); err != nil {
		t.Fatal(err)
	}
	for !all[end.Sort] {
		changes, err := e.Next(t.Context(), 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if all[c.Key.Sort] {
				t.Errorf("%s came twice", c.Key.Sort)
			}
			all[c.Key.Sort] = true
		}
		if err := e.Done(t.Context(), changes[len(changes)-1].Sequence); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// wantWhole checks that a writer's Commits are there whole and without a gap, and returns how many there are.
func wantWhole(t *testing.T, e *bolt.Engine, round string, writer int, outbox map[string]bool) int {
	t.Helper()
	who := fmt.Sprint(round, "/", writer)
	counted, err := e.Get(t.Context(), engine.Key{Partition: "count", Sort: who})
	if err != nil {
		t.Fatal(err)
	}
	n := int(counted[0].Count)
	for i := 1; i <= n+1; i++ { // the one after the last must not be there in part
		sort := fmt.Sprintf("%s/%d/%06d", round, writer, i)
		row, err := e.Get(t.Context(), engine.Key{Partition: "rows", Sort: sort})
		if err != nil {
			t.Fatal(err)
		}
		if row[0].Exists() != (i <= n) || outbox[sort] != (i <= n) {
			t.Errorf("%s of %d: row %t, outbox %t", sort, n, row[0].Exists(), outbox[sort])
		}
	}
	listed := 0
	q := engine.Query{Index: engine.Index1, Partition: who, Limit: engine.MaxLimit}
	for {
		page, err := e.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		listed += len(page.Records)
		if page.Next == "" {
			break
		}
		q.After = page.Next
	}
	if listed != n {
		t.Errorf("%s: the index lists %d of %d", who, listed, n)
	}
	return n
}
