package directory

import "context"

// Refusal tells why a letter that waits is not to be sent any more; "" if it is. It is asked at the moment of sending,
// for much can have happened since the letter was written.
func (d *Directory) Refusal(ctx context.Context, m Mail) (why string, err error) {
	if m.User == "" {
		return "", nil
	}
	u, err := d.Store.User(ctx, m.Org, m.User)
	if KindOf(err) == NotFound {
		return "the account is gone", nil
	}
	if err != nil {
		return "", err
	}
	if m.Template == DigestMail {
		return d.digestRefusal(ctx, u)
	}
	return u.refuses(m), nil
}

// digestRefusal looks at all again that decided when the digest was written: it names people, and is for administrators.
func (d *Directory) digestRefusal(ctx context.Context, u User) (string, error) {
	o, err := d.Store.Organisation(ctx, u.Org)
	if err != nil {
		return "", err
	}
	return o.noDigest(u, d.Now()), nil
}

// refuses tells why a user does not get a letter; "" if they do. What is about the account itself always comes.
func (u User) refuses(m Mail) string {
	switch {
	case m.Category != AccountMail && u.Status == Archived:
		return "the account is archived"
	case m.Category == NewsMail && !u.Wants.News:
		return "the user declined news"
	default:
		return ""
	}
}
