// Package deployment owns what an engineer's machine knows of a deployment on AWS: what samconfig.toml plans, what has to
// be there before it can be deployed, and what the stack says of itself afterwards. It changes nothing in an account and
// wires no program.
package deployment
