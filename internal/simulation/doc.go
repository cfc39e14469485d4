// Package simulation holds no code of the product: its test lets ten years pass in an organisation whose people behave at
// random, with sweeps that are missed, repeated, cut off and killed, and then holds everything that was done and mailed
// against a model of its own. What the product does by itself is in packages lifecycle and directory.
package simulation
