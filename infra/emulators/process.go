package emulators

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"sync"
	"time"
)

// process is a child that announces its address on its output.
type process struct {
	port  chan string   // receives the port once it has been announced
	ended chan struct{} // closed when the process is gone

	cmd    *exec.Cmd
	output *output
	result error // how the process ended; read it after ended is closed

	stopOnce sync.Once
	stopped  error
}

// launch starts cmd and watches over it. What it prints is kept, as far as cmd says nothing else of it.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{port: make(chan string, 1), ended: make(chan struct{}), cmd: cmd}
	p.output = &output{announce: p.port}
	if cmd.Stderr = p.output; cmd.Stdout == nil {
		cmd.Stdout = p.output
	}
	cmd.WaitDelay = time.Second // a grandchild that holds the output open must not hold up Stop
	bindToParent(cmd)

	started := make(chan error)
	go func() {
		// Linux ends the child when the thread that started it ends, so this goroutine keeps its thread.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.result = cmd.Wait()
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// stop kills the process, which keeps nothing that would need an orderly end, and waits until it is gone.
func (p *process) stop() error {
	p.stopOnce.Do(func() {
		select {
		case <-p.ended:
			p.stopped = fmt.Errorf("it had ended by itself: %w", errOr(p.result, "exit status 0"))
			return
		default:
		}
		if p.stopped = kill(p.cmd); p.stopped == nil {
			<-p.ended
		}
	})
	return p.stopped
}

// printed is the output as an error, to be joined to the one that it explains.
func (p *process) printed() error {
	return fmt.Errorf("its output:\n%s", p.output.text())
}

func errOr(err error, otherwise string) error {
	if err == nil {
		return errors.New(otherwise)
	}
	return err
}

// keepOutput is how much of the end of an emulator's output is kept for error messages, in bytes.
const keepOutput = 16 << 10

// announcement is how each emulator says where it listens.
var announcement = regexp.MustCompile(`http://(?:127\.0\.0\.1|localhost):(\d+)\s`)

// output keeps the end of what a process prints and finds the announcement in it.
type output struct {
	mu       sync.Mutex
	kept     []byte
	announce chan<- string // nil once the port has been announced
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, b...)
	if m := announcement.FindSubmatch(o.kept); m != nil && o.announce != nil {
		o.announce <- string(m[1])
		o.announce = nil
	}
	if excess := len(o.kept) - keepOutput; excess > 0 {
		o.kept = append(o.kept[:0], o.kept[excess:]...)
	}
	return len(b), nil
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.kept)
}
