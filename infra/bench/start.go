package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	rounds   = 15
	requests = 100
	patience = 30 * time.Second
)

// started is a function, and what its starts took.
type started struct {
	name, program string
	event         []byte
	took          []time.Duration
	idle, used    int // kB of memory, after a start and after requests
}

// starts builds the functions for this machine, as they are built for Lambda, and starts each again and again, one after the
// other in turns so that what else the machine does falls on all of them.
func starts(ctx context.Context, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	all, err := build(ctx, folder)
	if err != nil {
		return err
	}
	for range rounds {
		for _, f := range all {
			if err := f.once(ctx, 0); err != nil {
				return fmt.Errorf("start %s: %w", f.name, err)
			}
		}
	}
	for _, f := range all {
		if err := f.once(ctx, requests); err != nil {
			return fmt.Errorf("use %s: %w", f.name, err)
		}
	}
	report(out, all)
	return nil
}

// build builds hello, and all functions.
func build(ctx context.Context, folder string) ([]*started, error) {
	sources, err := filepath.Glob("functions/*/main.go")
	if err != nil || len(sources) == 0 {
		return nil, errors.Join(errors.New("there are no functions here; run this where functions/ is"), err)
	}
	var all []*started
	for _, source := range append([]string{"infra/bench/hello/main.go"}, sources...) {
		f := &started{name: filepath.Base(filepath.Dir(source)), event: []byte("{}")}
		f.program = filepath.Join(folder, f.name)
		if err := compile(ctx, f.program, filepath.Dir(source)); err != nil {
			return nil, err
		}
		if events, _ := filepath.Glob("infra/sam-local/events/" + f.name + "*.json"); len(events) > 0 {
			if f.event, err = os.ReadFile(events[0]); err != nil {
				return nil, fmt.Errorf("read the event of %s: %w", f.name, err)
			}
		}
		all = append(all, f)
	}
	return all, nil
}

// compile builds a program from its folder. The flags are the Makefile's; a test holds them to that.
func compile(ctx context.Context, program, folder string) error {
	command := exec.CommandContext(ctx, "go", "build", "-tags", buildTags, "-trimpath", "-ldflags", linkerFlags, "-o", program, "./"+folder) //nolint:gosec // our own
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", folder, err, text)
	}
	return nil
}

const (
	buildTags   = "lambda.norpc,nethttpomithttp2"
	linkerFlags = "-s -w"
)

// once starts the function and, once it has asked for its first event, hands it so many.
func (f *started) once(ctx context.Context, events int) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r := newRuntime()
	defer r.Close()
	command := exec.CommandContext(ctx, f.program) //nolint:gosec // built a moment ago
	command.Env = environment(r)
	began := time.Now()
	if err := command.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed, and says so
	}()
	select {
	case at := <-r.asked:
		f.took = append(f.took, at.Sub(began))
	case <-ctx.Done():
		return fmt.Errorf("it asked for no event: %w", ctx.Err())
	}
	if events == 0 {
		return nil
	}
	f.idle = memory(command.Process.Pid)
	for range events {
		if err := r.invoke(ctx, f.event); err != nil {
			return err
		}
	}
	f.used = memory(command.Process.Pid)
	return nil
}

// environment is that of Lambda, with services of AWS that know nothing.
func environment(r *lambdaRuntime) []string {
	return []string{
		"AWS_LAMBDA_RUNTIME_API=" + r.address(), "AWS_ENDPOINT_URL=" + r.URL, "AWS_REGION=eu-west-2", "AWS_ACCESS_KEY_ID=bench",
		"AWS_SECRET_ACCESS_KEY=bench", "TABLE=bench", "USER_POOL_ID=eu-west-2_bench", "USER_POOL_CLIENT_ID=bench", "BASE_URL=http://127.0.0.1:3000",
		"SEALING_KEY=arn:aws:kms:eu-west-2:123456789012:key/bench", "MAIL_FROM=no-reply@caretaker.example", "CONFIGURATION_SET=bench", "MAIL_RATE=10",
	}
}

// memory is what a process holds, in kB; 0 where Linux does not tell.
func memory(process int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kB, _ := strconv.Atoi(fields[0]) // 0 is what is not known
	return kB
}

// report prints what was measured; the first is hello, which the others are held against.
func report(out io.Writer, all []*started) {
	least := all[0].median()
	fmt.Fprintf(out, "| function, built for this machine | MB | start, median of %d | range | over hello | memory idle | after %d requests |\n|---|---|---|---|---|---|---|\n", rounds, requests)
	for _, f := range all {
		size := 0.0
		if info, err := os.Stat(f.program); err == nil {
			size = float64(info.Size()) / megabyte
		}
		took := slices.Sorted(slices.Values(f.took[:rounds]))
		fmt.Fprintf(out, "| `%s` | %.1f | %.1f ms | %.1f to %.1f ms | %+.1f ms | %.1f MB | %.1f MB |\n", f.name, size, ms(f.median()), ms(took[0]), ms(took[len(took)-1]),
			ms(f.median()-least), float64(f.idle)/1024, float64(f.used)/1024)
	}
}

func (f *started) median() time.Duration {
	return slices.Sorted(slices.Values(f.took[:rounds]))[rounds/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
