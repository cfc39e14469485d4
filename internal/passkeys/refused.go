package passkeys

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/caretaker/caretaker/internal/directory"
)

// Why a response is refused. They are for the log alone.
var (
	errLate             = errors.New("the response came too late")
	errOtherState       = errors.New("the state is of a registration where a sign-in is answered, or the other way round")
	errCloned           = errors.New("the counter did not move on, as if the passkey had been copied")
	errKnown            = errors.New("the owner has this passkey already")
	errNone             = errors.New("the owner has no passkeys")
	errTooLong          = errors.New("the response is too long")
	errForeignUser      = errors.New("the user handle is none of ours")
	errForeignChallenge = errors.New("the challenge is none of ours")
)

// maxResponse bounds a response, in bytes. One without attestation stays under 3 KiB even with a key of 4096 bits; the
// rest is room for the certificates of authenticators that attest unasked. It bounds what is kept of one as well.
const maxResponse = 32 << 10

// parse reads a response by the library's parser for its kind.
func parse[T any](response []byte, by func([]byte) (T, error)) (T, error) {
	var none T
	if len(response) > maxResponse {
		return none, refused(errTooLong)
	}
	parsed, err := by(response)
	if err != nil {
		return none, refused(err)
	}
	return parsed, nil
}

// unmarshal reads JSON of bounded length.
func unmarshal(response []byte, into any) error {
	if len(response) > maxResponse {
		return errTooLong
	}
	return json.Unmarshal(response, into)
}

// refused is directory.ErrPasskeyRefused with its cause. What the library tells developers (which origin was expected,
// say) is not in the text of its errors, so it is added.
func refused(cause error) error {
	if e, ok := errors.AsType[*protocol.Error](cause); ok && e.DevInfo != "" {
		cause = fmt.Errorf("%w (%s)", cause, e.DevInfo)
	}
	refusal := *directory.ErrPasskeyRefused
	refusal.Err = cause
	return &refusal
}
