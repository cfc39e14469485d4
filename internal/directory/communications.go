package directory

import "context"

// Communications are the general mails that a user wants. They are under the user's own control: administrators see them
// and cannot change them.
type Communications struct {
	News       bool // tutorials and news about the service
	Newsletter bool
}

// newcomerWants is what a new user gets until they say otherwise: news carry an opt-out, the newsletter is asked for.
var newcomerWants = Communications{News: true}

// ChangeCommunications sets which general mails the caller gets.
func (d *Directory) ChangeCommunications(ctx context.Context, c Caller, wants Communications) (Communications, error) {
	if err := c.ownHands(); err != nil {
		return Communications{}, err
	}
	err := d.again(ctx, c.User, func(was User) error {
		u := was
		u.Wants = wants
		_, err := d.storeChange(ctx, c, was, u)
		return err
	})
	return wants, err
}
