// Package seal owns the adapters of the domain's port directory.Sealer (keyfile: keys in a file of this machine; kms:
// data keys from AWS KMS) and what they share: the layout of what is sealed, its encryption with AES-256-GCM, the port's
// bounds and its errors. Where keys come from, and how long one is used, is each adapter's. What is sealed, and under
// which labels, is the domain's.
//
// What is sealed begins with a head that says which key it needs; the first byte of the head says how to read it:
//
//	keyfile   1 | 8 bytes id of the key
//	kms       2 | 2 bytes length n, big endian | n bytes data key, encrypted by KMS
//
// and after the head, whoever made it, come
//
//	12 bytes nonce | ciphertext, as long as the plain text | 16 bytes tag
//
// The tag covers head and label too (as GCM's additional data). A new layout gets a new first byte; those that are
// given out are read for ever.
package seal
