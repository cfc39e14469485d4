package kms

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// callWithin bounds a call with its repetitions by the SDK. KMS answers within some 10 ms.
const callWithin = 10 * time.Second

// generating is what once is asked for a new data key; any other name is an encrypted data key, and none of those is empty.
const generating = ""

// once makes one call for all who want the same thing at the same time. The call goes on when the one who began it gives
// up, for the sake of the others, and everybody waits no longer than their own context lasts.
func (s *Sealer) once(ctx context.Context, what string, call func(context.Context) (dataKey, error)) (dataKey, error) {
	done := s.calls.DoChan(what, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callWithin)
		defer cancel()
		return call(ctx)
	})
	select {
	case <-ctx.Done():
		return dataKey{}, ctx.Err()
	case r := <-done:
		key, _ := r.Val.(dataKey) // the zero value beside an error
		return key, r.Err
	}
}

// generate brings the next data key into use, for opening too, as what is sealed is often opened soon after.
func (s *Sealer) generate(ctx context.Context) (dataKey, error) {
	now := s.config.Now()
	if key, ok := s.sealing.look(now); ok {
		return key, nil // somebody else's call ended between our look and our turn
	}
	out, err := s.api.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId: &s.config.KeyID, KeySpec: types.DataKeySpecAes256, EncryptionContext: s.config.Context,
	})
	if err != nil {
		return dataKey{}, err
	}
	key, err := newDataKey(out.Plaintext, string(out.CiphertextBlob), now.Add(s.config.MaxAge))
	if err != nil {
		return dataKey{}, fmt.Errorf("KMS made a key that cannot be used: %w", err)
	}
	s.opening.keep(string(out.CiphertextBlob), key)
	s.sealing.begin(key, s.config.MaxSeals)
	return key, nil
}

// decrypt names the key although KMS could tell it from the data key: it then refuses a data key that somebody made with a
// key of their own.
func (s *Sealer) decrypt(ctx context.Context, encrypted string) (dataKey, error) {
	now := s.config.Now()
	if key, ok := s.opening.find(encrypted, now); ok {
		return key, nil // likewise
	}
	out, err := s.api.Decrypt(ctx, &kms.DecryptInput{
		KeyId: &s.config.KeyID, CiphertextBlob: []byte(encrypted), EncryptionContext: s.config.Context,
	})
	if err != nil {
		return dataKey{}, err
	}
	key, err := newDataKey(out.Plaintext, encrypted, now.Add(s.config.MaxAge))
	if err != nil {
		return dataKey{}, err
	}
	s.opening.keep(encrypted, key)
	return key, nil
}
