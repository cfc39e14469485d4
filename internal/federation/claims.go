package federation

import (
	"context"
	"maps"

	"github.com/caretaker/caretaker/internal/directory"
)

// claims is what a provider says of a person.
type claims map[string]any

// text is the value of a claim that is a string, else "".
func (c claims) text(name string) string {
	s, _ := c[name].(string)
	return s
}

// verified reads email_verified, which some providers write as a string.
func (c claims) verified() bool {
	return c["email_verified"] == true || c["email_verified"] == "true"
}

func (c claims) identity(claim string) (directory.Identity, error) {
	i := directory.Identity{Subject: c.text("sub"), Name: c.text(claim), Email: c.text("email")}
	i.EmailVerified = i.Email != "" && c.verified()
	if i.Name == "" {
		return directory.Identity{}, refused("the claim "+claim+" is missing or not a text", nil)
	}
	return i, nil
}

// complete asks the UserInfo endpoint for what the ID token does not say. To the letter of OpenID Connect Core 1.0, 5.4,
// an ID token of the code flow need not have more than the subject. It asks for the email address too, so that whether
// somebody gets in does not depend on whether that endpoint was asked.
func (ps *Providers) complete(ctx context.Context, p directory.Provider, known *issuer, said claims, access string) (claims, error) {
	if known.UserInfo == "" || said.text(p.Claim) != "" && said.text("email") != "" {
		return said, nil
	}
	var more claims
	if err := ps.issuers.web.get(ctx, "its UserInfo endpoint", known.UserInfo, access, &more); err != nil {
		return nil, err
	}
	if more.text("sub") != said.text("sub") {
		return nil, refused("the UserInfo endpoint tells of another person", nil)
	}
	maps.Copy(more, said) // what is signed comes first
	return more, nil
}
