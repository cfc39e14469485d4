// Package scenarios replays the guides of the systems that Caretaker can be, by the public interface alone, on both
// stacks. Its tests are named after the guides' sections. It holds no product code.
package scenarios
