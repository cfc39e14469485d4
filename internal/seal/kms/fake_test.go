package kms_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/caretaker/caretaker/internal/seal/kms"
)

type option = func(*awskms.Options)

// fake is a KMS with one key. It stands beside the emulator, which never fails, and counts what it is asked. It need not
// keep secrets: an encrypted data key is a number, a check, and the key can be told from the number.
type fake struct {
	before func(ctx context.Context, operation string) error // nil, or called ahead of every call

	mu       sync.Mutex
	made     uint64
	asked    map[string]int
	contexts []map[string]string
}

const fakeKey = "alias/caretaker"

func plainKey(n uint64) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("plain"), n))
	return sum[:]
}

func encryptedKey(n uint64) []byte {
	number := binary.BigEndian.AppendUint64(nil, n)
	check := sha256.Sum256(number)
	return append(number, check[:]...)
}

func (f *fake) called(ctx context.Context, operation string, key *string, bound map[string]string) error {
	f.mu.Lock()
	if f.asked == nil {
		f.asked = map[string]int{}
	}
	f.asked[operation]++
	f.contexts = append(f.contexts, maps.Clone(bound))
	before := f.before
	f.mu.Unlock()
	if aws.ToString(key) != fakeKey {
		return &types.NotFoundException{}
	}
	if before != nil {
		return before(ctx, operation)
	}
	return nil
}

func (f *fake) GenerateDataKey(
	ctx context.Context, in *awskms.GenerateDataKeyInput, _ ...option,
) (*awskms.GenerateDataKeyOutput, error) {
	if err := f.called(ctx, "generate", in.KeyId, in.EncryptionContext); err != nil {
		return nil, err
	}
	if in.KeySpec != types.DataKeySpecAes256 {
		return nil, errors.New("not a key of 256 bits")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
	return &awskms.GenerateDataKeyOutput{Plaintext: plainKey(f.made), CiphertextBlob: encryptedKey(f.made)}, nil
}

func (f *fake) Decrypt(ctx context.Context, in *awskms.DecryptInput, _ ...option) (*awskms.DecryptOutput, error) {
	if err := f.called(ctx, "decrypt", in.KeyId, in.EncryptionContext); err != nil {
		return nil, err
	}
	if len(in.CiphertextBlob) < 8 {
		return nil, &types.InvalidCiphertextException{}
	}
	n := binary.BigEndian.Uint64(in.CiphertextBlob)
	if string(encryptedKey(n)) != string(in.CiphertextBlob) {
		return nil, &types.InvalidCiphertextException{}
	}
	return &awskms.DecryptOutput{Plaintext: plainKey(n)}, nil
}

// calls says how often each operation was called since the last time.
func (f *fake) calls() (generated, decrypted int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	generated, decrypted = f.asked["generate"], f.asked["decrypt"]
	f.asked = nil
	return generated, decrypted
}

func (f *fake) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = func(context.Context, string) error { return err }
}

// clock is a time that a test decides.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// sealer opens one on the fake as a new process would.
func (f *fake) sealer(tb testing.TB, c kms.Config) *kms.Sealer {
	tb.Helper()
	c.KeyID = fakeKey
	return open(tb, f, c)
}
