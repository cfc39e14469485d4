//go:build !unix

package emulators

import "os/exec"

// bindToParent does nothing: a parent that is killed leaves its emulators behind on these systems.
func bindToParent(*exec.Cmd) {}

// kill ends the child.
func kill(cmd *exec.Cmd) error {
	return cmd.Process.Kill()
}
