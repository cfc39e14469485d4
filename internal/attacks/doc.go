// Package attacks plays attacks on how people get in and on what they may do then, by the public interface alone and on
// both stacks. Its tests are named after the attacks; docs/security.md says which requirement each of them shows to be
// met. It holds no product code.
package attacks
