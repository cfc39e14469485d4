// Package faults has each call fail that an operation of the interface makes to something behind it (the store, the user
// pool, the keys, an identity provider), one after the other and in every way a call can fail, and shows what the caller gets,
// what is left, and that it heals. Operations come from the interface's own list. It holds no product code.
package faults
