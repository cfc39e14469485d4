// Package credentialstest owns what every implementation of directory.Credentials must do (Run) and of embedded.Hashes
// (RunHashes), and an embedded.Hashes in memory. It is for tests only and knows nothing of how an adapter works.
package credentialstest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
)

const ann directory.UserID = "01k5h8q2v3m4n5p6q7r8s9t0wx"

// Run checks an implementation of the port. Every case opens its own, which must be empty.
func Run(t *testing.T, open func(t *testing.T) directory.Credentials) {
	for _, c := range []struct {
		name string
		run  func(s subject)
	}{
		{"the password that was set is right and others are wrong", setAndVerify},
		{"an unknown user has no password", unknownUser},
		{"a new password replaces the old one", replaced},
		{"letter case of the password matters", letterCase},
		{"users do not share passwords", usersAreApart},
		{"a disabled password is wrong until it is enabled", disabled},
		{"a password set while disabled stays disabled", setWhileDisabled},
		{"disabling a user without a password does nothing", disableUnknown},
		{"disabling and enabling can be repeated", disableTwice},
		{"a deleted password is wrong, and deleting can be repeated", deleted},
		{"a password set after deletion is enabled", setAfterDelete},
		{"of parallel sets of one user exactly one password remains", parallelSets},
		{"every character is taken and counts", everyCharacter},
		{"the same text is the same password in both Unicode forms", unicodeForms},
		{"lengths out of bounds are refused and never right", lengths},
		{"ids that are not canonical are refused", foreignIDs},
		{"a context that has ended stops everything", contextEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(subject{t, open(t)})
		})
	}
}

// subject is the implementation under test, with methods that say what is expected of it.
type subject struct {
	*testing.T
	credentials directory.Credentials
}

func (s subject) set(id directory.UserID, password string) {
	s.Helper()
	if err := s.credentials.SetPassword(s.Context(), id, password); err != nil {
		s.Fatalf("SetPassword(%s, %q): %v", id, password, err)
	}
}

func (s subject) disable(id directory.UserID, disabled bool) {
	s.Helper()
	if err := s.credentials.SetDisabled(s.Context(), id, disabled); err != nil {
		s.Fatalf("SetDisabled(%s, %v): %v", id, disabled, err)
	}
}

func (s subject) delete(id directory.UserID) {
	s.Helper()
	if err := s.credentials.DeletePassword(s.Context(), id); err != nil {
		s.Fatalf("DeletePassword(%s): %v", id, err)
	}
}

func (s subject) right(id directory.UserID, password string) {
	s.Helper()
	if err := s.credentials.VerifyPassword(s.Context(), id, password); err != nil {
		s.Errorf("VerifyPassword(%s, %q): got %v, want it to be right", id, password, err)
	}
}

func (s subject) wrong(id directory.UserID, password string) {
	s.Helper()
	if err := s.credentials.VerifyPassword(s.Context(), id, password); !errors.Is(err, directory.ErrWrongPassword) {
		s.Errorf("VerifyPassword(%s, %q): got %v, want ErrWrongPassword", id, password, err)
	}
}

func setAndVerify(s subject) {
	s.set(ann, "Correct-horse-7")
	s.right(ann, "Correct-horse-7")
	s.right(ann, "Correct-horse-7") // verifying does not use it up
	s.wrong(ann, "Correct-horse-8")
	s.wrong(ann, "Correct-horse-7x")
	s.wrong(ann, "Correct-horse-")
	s.wrong(ann, "")
}

func unknownUser(s subject) {
	s.wrong(ann, "Correct-horse-7")
	s.wrong(ann, "")
}

func replaced(s subject) {
	s.set(ann, "First-password-1")
	s.set(ann, "Second-password-2")
	s.wrong(ann, "First-password-1")
	s.right(ann, "Second-password-2")
	s.set(ann, "Second-password-2") // the same again: whether that is allowed is the domain's rule
	s.right(ann, "Second-password-2")
}

func letterCase(s subject) {
	s.set(ann, "Correct-Horse-7")
	s.wrong(ann, "correct-horse-7")
	s.wrong(ann, "CORRECT-HORSE-7")
	s.right(ann, "Correct-Horse-7")
}

func usersAreApart(s subject) {
	s.set("ann", "Password-of-ann-1")
	s.set("ann-2", "Password-of-two-2")
	s.wrong("ann", "Password-of-two-2")
	s.wrong("ann-2", "Password-of-ann-1")
	s.disable("ann-2", true)
	s.wrong("ann-2", "Password-of-two-2")
	s.right("ann", "Password-of-ann-1")
	s.delete("ann-2")
	s.right("ann", "Password-of-ann-1")
}

func disabled(s subject) {
	s.set(ann, "Correct-horse-7")
	s.disable(ann, true)
	s.wrong(ann, "Correct-horse-7")
	s.wrong(ann, "another-1")
	s.disable(ann, false)
	s.right(ann, "Correct-horse-7")
}

func setWhileDisabled(s subject) {
	s.set(ann, "First-password-1")
	s.disable(ann, true)
	s.set(ann, "Second-password-2")
	s.wrong(ann, "Second-password-2")
	s.disable(ann, false)
	s.wrong(ann, "First-password-1")
	s.right(ann, "Second-password-2")
}

func disableUnknown(s subject) {
	s.disable(ann, true)
	s.disable(ann, false)
	s.disable(ann, true)
	s.wrong(ann, "Correct-horse-7")
	s.set(ann, "Correct-horse-7")
	s.right(ann, "Correct-horse-7") // disabling a user without a password left nothing behind
}

func disableTwice(s subject) {
	s.set(ann, "Correct-horse-7")
	s.disable(ann, false)
	s.right(ann, "Correct-horse-7")
	s.disable(ann, true)
	s.disable(ann, true)
	s.wrong(ann, "Correct-horse-7")
	s.disable(ann, false)
	s.disable(ann, false)
	s.right(ann, "Correct-horse-7")
}

func deleted(s subject) {
	s.delete(ann)
	s.set(ann, "Correct-horse-7")
	s.delete(ann)
	s.wrong(ann, "Correct-horse-7")
	s.delete(ann)
	s.disable(ann, false)
	s.wrong(ann, "Correct-horse-7")
}

func setAfterDelete(s subject) {
	s.set(ann, "First-password-1")
	s.disable(ann, true)
	s.delete(ann)
	s.set(ann, "Second-password-2")
	s.wrong(ann, "First-password-1")
	s.right(ann, "Second-password-2")
}

func parallelSets(s subject) {
	passwords := []string{"Password-a-1", "Password-b-2", "Password-c-3", "Password-d-4", "Password-e-5", "Password-f-6"}
	var wg sync.WaitGroup
	for _, password := range passwords {
		wg.Go(func() {
			if err := s.credentials.SetPassword(s.Context(), ann, password); err != nil {
				s.Errorf("SetPassword(%q): %v", password, err)
			}
		})
	}
	wg.Wait()
	var working []string
	for _, password := range passwords {
		if s.credentials.VerifyPassword(s.Context(), ann, password) == nil {
			working = append(working, password)
		}
	}
	if len(working) != 1 {
		s.Errorf("%q all work, want exactly one", working)
	}
}

func everyCharacter(s subject) {
	for _, password := range []string{
		"x",                      // shorter than any pool allows
		"12345",                  // likewise
		"abcdef",                 // of one class only: which classes it takes is the domain's rule
		strings.Repeat("x", 128), // all of it counts: the wrong one below differs in the last place
		strings.Repeat("🔑", 128),
		strings.Repeat("x", 72) + "beyond bcrypt's 72 bytes",
		strings.Repeat("\x00", 128),
		"before\x00after",
		"with spaces inside",
		" a space at both ends ",
		"\ttab and newline\n",
		"smørrebrød på brød",
		"密码密码密码",
		"🔑🏫",
		`"quotes"\and\backslashes'`,
		"$argon2id$v=19$m=8,t=1,p=1$",
		"{\"json\": null}",
		"%s%d%n",
		"\u200b", // a zero-width space is a character like any other
		"\u00a0no-break space\u00a0",
	} {
		s.set(ann, password)
		s.right(ann, password)
		runes := []rune(password)
		s.wrong(ann, string(runes[:len(runes)-1]))
		s.wrong(ann, string(runes[:len(runes)-1])+"~")
		s.wrong(ann, "~"+string(runes[1:]))
	}
}

func unicodeForms(s subject) {
	for _, form := range []struct{ composed, decomposed string }{
		{"caf\u00e9-Sm\u00f8r-1", "cafe\u0301-Sm\u00f8r-1"},
		{"p\u00e5skeferie-1", "pa\u030askeferie-1"},
		{strings.Repeat("\u00e9", 128), strings.Repeat("e\u0301", 128)}, // 128 characters, however they were typed
	} {
		s.set(ann, form.decomposed)
		s.right(ann, form.composed)
		s.right(ann, form.decomposed)
		s.set(ann, form.composed)
		s.right(ann, form.composed)
		s.right(ann, form.decomposed)
	}
	s.set(ann, "cafe-Smor-1")
	s.wrong(ann, "caf\u00e9-Sm\u00f8r-1") // accents are not dropped
}

func lengths(s subject) {
	s.set(ann, "Correct-horse-7")
	for _, password := range []string{"", strings.Repeat("x", 129), strings.Repeat("x", 100_000), "not UTF-8 \xff"} {
		err := s.credentials.SetPassword(s.Context(), ann, password)
		if directory.KindOf(err) != directory.Invalid {
			s.Errorf("SetPassword with %d bytes: got %v, want kind invalid", len(password), err)
		}
		s.wrong(ann, password)
	}
	s.right(ann, "Correct-horse-7")
}

// An id in upper case is refused rather than folded or taken: see credentials.CheckUserID.
func foreignIDs(s subject) {
	s.set("ann", "Correct-horse-7")
	for _, id := range []directory.UserID{"ANN", "Ann", "", "ann@example.com", "ann smith"} {
		for name, err := range s.all(s.Context(), id) {
			if directory.CodeOf(err) != "invalid_user_id" {
				s.Errorf("%s of %q: got %v, want code invalid_user_id", name, id, err)
			}
		}
	}
	s.right("ann", "Correct-horse-7")
}

func contextEnded(s subject) {
	s.set(ann, "Correct-horse-7")
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	for name, err := range s.all(ctx, ann) {
		if !errors.Is(err, context.Canceled) || directory.KindOf(err) != directory.Unavailable {
			s.Errorf("%s: got %v, want kind unavailable because of context.Canceled", name, err)
		}
	}
	s.right(ann, "Correct-horse-7")
}

// all calls every method.
func (s subject) all(ctx context.Context, id directory.UserID) map[string]error {
	return map[string]error{
		"SetPassword":    s.credentials.SetPassword(ctx, id, "Another-password-9"),
		"VerifyPassword": s.credentials.VerifyPassword(ctx, id, "Correct-horse-7"),
		"SetDisabled":    s.credentials.SetDisabled(ctx, id, true),
		"DeletePassword": s.credentials.DeletePassword(ctx, id),
	}
}
