// Package store keeps the domain's things in an engine, once for all engines: it owns keys, codecs, index positions,
// cursors and what a failed condition means. It decides nothing: rules are the domain's, durability is the engine's.
package store
