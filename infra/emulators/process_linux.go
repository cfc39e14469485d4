package emulators

import (
	"os/exec"
	"syscall"
)

// bindToParent gives the child a process group of its own, so that Ctrl-C in a terminal reaches the parent alone and
// the parent decides the order of ending, and has the kernel kill the child when the parent ends in whatever way.
func bindToParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// kill ends the child and whatever it has started.
func kill(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}
