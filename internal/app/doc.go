// Package app is the composition root: it turns a configuration into a wired program, and it alone knows every adapter.
// It holds no rule of the domain and no detail of an adapter.
package app
