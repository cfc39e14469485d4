package kms_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/caretaker/caretaker/infra/emulators/emulatortest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/seal/kms"
)

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// apiError is an error without a type of its own in the SDK's package, such as IAM's.
func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }

func TestAnswersOfKMS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer error
		kind   directory.Kind
		code   string
	}{
		{"a throttle", apiError("ThrottlingException"), directory.Busy, "unavailable"},
		{"a quota", &types.LimitExceededException{}, directory.Busy, "unavailable"},
		{"a fault at KMS", &types.KMSInternalException{}, directory.Unavailable, "unavailable"},
		{"KMS waited too long for itself", &types.DependencyTimeoutException{}, directory.Unavailable, "unavailable"},
		{"the key is not at hand just now", &types.KeyUnavailableException{}, directory.Unavailable, "unavailable"},
		{"the call took too long", context.DeadlineExceeded, directory.Unavailable, "unavailable"},
		{"an altered data key", &types.InvalidCiphertextException{}, directory.Internal, "secret_unreadable"},
		{"a data key of another key", &types.IncorrectKeyException{}, directory.Internal, "secret_unreadable"},
		{"no such key", &types.NotFoundException{}, directory.Internal, "sealing_failed"},
		{"the key is disabled", &types.DisabledException{}, directory.Unavailable, "unavailable"},
		{"the key is to be deleted", &types.KMSInvalidStateException{}, directory.Unavailable, "unavailable"},
		{"a key for signatures", &types.InvalidKeyUsageException{}, directory.Internal, "sealing_failed"},
		{"a role without the permission", apiError("AccessDeniedException"), directory.Internal, "sealing_failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f fake
			what := sealed(t, f.sealer(t, kms.Config{}))
			f.fail(c.answer)
			s := f.sealer(t, kms.Config{})
			_, sealing := s.Seal(t.Context(), label, secret)
			_, opening := s.Open(t.Context(), label, what)
			for does, err := range map[string]error{"Seal": sealing, "Open": opening} {
				if directory.KindOf(err) != c.kind || directory.CodeOf(err) != c.code || !errors.Is(err, c.answer) {
					t.Errorf("%s: got %v, want %s %s because of %v", does, err, c.kind, c.code, c.answer)
				}
			}
		})
	}
}

func TestAFailureIsNotKept(t *testing.T) {
	t.Parallel()
	var f fake
	what := sealed(t, f.sealer(t, kms.Config{}))
	s := f.sealer(t, kms.Config{})
	f.fail(apiError("ThrottlingException"))
	if _, err := s.Seal(t.Context(), label, secret); err == nil {
		t.Error("sealed although KMS did not answer")
	}
	if _, err := s.Open(t.Context(), label, what); err == nil {
		t.Error("opened although KMS did not answer")
	}
	f.fail(nil)
	opens(t, s, what)
	opens(t, s, sealed(t, s))
}

func TestAWarmSealerDoesWithoutKMS(t *testing.T) {
	t.Parallel()
	var f fake
	s := f.sealer(t, kms.Config{})
	sealed(t, s)
	f.fail(&types.KMSInternalException{})
	opens(t, s, sealed(t, s))
}

// strange is a KMS that answers what it should not.
type strange struct{ plain, encrypted []byte }

func (s strange) GenerateDataKey(context.Context, *awskms.GenerateDataKeyInput, ...option) (*awskms.GenerateDataKeyOutput, error) {
	return &awskms.GenerateDataKeyOutput{Plaintext: bytes.Clone(s.plain), CiphertextBlob: s.encrypted}, nil
}

func (s strange) Decrypt(context.Context, *awskms.DecryptInput, ...option) (*awskms.DecryptOutput, error) {
	return &awskms.DecryptOutput{Plaintext: bytes.Clone(s.plain)}, nil
}

func TestStrangeAnswersAreRefused(t *testing.T) {
	t.Parallel()
	what := sealed(t, (&fake{}).sealer(t, kms.Config{}))
	whole := bytes.Repeat([]byte{7}, 32)
	for name, api := range map[string]strange{
		"no plain key":                 {nil, whole},
		"a short plain key":            {whole[:16], whole},
		"no encrypted key":             {whole, nil},
		"an encrypted key beyond size": {whole, make([]byte, 6145)},
	} {
		out, err := open(t, api, kms.Config{KeyID: "k"}).Seal(t.Context(), label, secret)
		if out != nil || err == nil || directory.KindOf(err) != directory.Internal {
			t.Errorf("Seal with %s: got %q, %v, want kind internal", name, out, err)
		}
	}
	for name, api := range map[string]strange{"no key": {}, "a short key": {plain: whole[:16]}, "another key": {plain: whole}} {
		out, err := open(t, api, kms.Config{KeyID: "k"}).Open(t.Context(), label, what)
		if out != nil || err == nil || directory.KindOf(err) != directory.Internal {
			t.Errorf("Open with %s: got %q, %v, want kind internal", name, out, err)
		}
	}
}

// wiped hands out one slice, to be looked at afterwards.
type wiped struct{ plain []byte }

func (w wiped) GenerateDataKey(context.Context, *awskms.GenerateDataKeyInput, ...option) (*awskms.GenerateDataKeyOutput, error) {
	return &awskms.GenerateDataKeyOutput{Plaintext: w.plain, CiphertextBlob: []byte("encrypted")}, nil
}

func (w wiped) Decrypt(context.Context, *awskms.DecryptInput, ...option) (*awskms.DecryptOutput, error) {
	return &awskms.DecryptOutput{Plaintext: w.plain}, nil
}

func TestAnswersAreWiped(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{7}, 32)
	made, decrypted := bytes.Clone(key), bytes.Clone(key)
	what := sealed(t, open(t, wiped{made}, kms.Config{KeyID: "k"}))
	opens(t, open(t, wiped{decrypted}, kms.Config{KeyID: "k"}), what)
	if none := make([]byte, 32); !bytes.Equal(made, none) || !bytes.Equal(decrypted, none) {
		t.Errorf("data keys are left behind: %x, %x", made, decrypted)
	}
}

func TestWhatTravelsOnTheWire(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		code   string
		want   directory.Kind
	}{
		{"a throttle", http.StatusBadRequest, "ThrottlingException", directory.Busy},
		{"a fault at KMS", http.StatusInternalServerError, "KMSInternalException", directory.Unavailable},
		{"something before KMS is down", http.StatusServiceUnavailable, "", directory.Unavailable},
		{"a data key that was altered", http.StatusBadRequest, "InvalidCiphertextException", directory.Internal},
		{"a role without the permission", http.StatusBadRequest, "AccessDeniedException", directory.Internal},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-Errortype", c.code)
				w.WriteHeader(c.status)
			}))
			t.Cleanup(server.Close)
			_, err := open(t, client(t, server.URL), kms.Config{KeyID: "k"}).Seal(t.Context(), label, secret)
			if err == nil || directory.KindOf(err) != c.want {
				t.Errorf("got %v, want kind %s", err, c.want)
			}
		})
	}
}

func TestNoAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	_, err := open(t, client(t, "http://127.0.0.1:0"), kms.Config{KeyID: "k"}).Seal(t.Context(), label, secret)
	if directory.KindOf(err) != directory.Unavailable {
		t.Errorf("got %v, want kind unavailable", err)
	}
}

// client tries once, so that tests do not wait for the SDK's pauses.
func client(tb testing.TB, endpoint string) *awskms.Client {
	tb.Helper()
	config := emulatortest.AWS(tb, endpoint)
	config.RetryMaxAttempts = 1
	return awskms.NewFromConfig(config)
}

func TestKeyThatCannotBeCreatedIsAnError(t *testing.T) {
	t.Parallel()
	if id, err := kms.CreateKey(t.Context(), noKeys{}); id != "" || !errors.Is(err, errNoKeys) {
		t.Errorf("got %q, %v", id, err)
	}
}

var errNoKeys = apiError("LimitExceededException")

type noKeys struct{}

func (noKeys) CreateKey(context.Context, *awskms.CreateKeyInput, ...option) (*awskms.CreateKeyOutput, error) {
	return nil, errNoKeys
}
