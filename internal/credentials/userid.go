package credentials

import (
	"strings"

	"github.com/caretaker/caretaker/internal/directory"
)

// maxUserID is the longest user name, in characters, that a Cognito user pool takes (AdminCreateUser, Username).
const maxUserID = 128

const userIDAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789-_."

// CheckUserID refuses an id that the adapters would not tell apart in the same way: 1 to 128 of the characters a-z,
// 0-9, "-", "_" and "." are taken. Upper case is refused, not folded: a user pool that ignores letter case takes
// "A1" and "a1" for one user, a store of hashes for two, and folding here would hide that from whoever else keys
// something by the id. "@" and "+" are refused because a pool may read such a name as an address or a telephone number.
//
// Ids are made by the domain and never typed, so the failure has kind Internal (code invalid_user_id).
func CheckUserID(id directory.UserID) error {
	s := string(id)
	if s != "" && len(s) <= maxUserID && strings.Trim(s, userIDAlphabet) == "" {
		return nil
	}
	return &directory.Error{
		Kind: directory.Internal, Code: "invalid_user_id", Detail: "The user id is not in its canonical form.",
	}
}
