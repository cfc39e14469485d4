package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

const (
	// MaxAdministrators bounds how many administrators are read to be told of something.
	MaxAdministrators = 100
	// maxContacts bounds how many people are named as those to ask.
	maxContacts = 10
)

// Helpers are whom to ask: the people that the policy names, or else the administrators, by name.
func (d *Directory) Helpers(ctx context.Context, o Organisation) ([]Contact, error) {
	if o.Slug == "" {
		return []Contact{}, nil
	}
	if len(o.Policy.Contact.People) > 0 {
		return o.Policy.Contact.People, nil
	}
	all, err := d.Store.Administrators(ctx, o.Slug)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b User) int { return cmp.Compare(a.Name(), b.Name()) })
	helpers := []Contact{}
	for _, u := range all {
		if u.Barrier(d.Now()) == NoBarrier && o.IsAdministrator(u) && len(helpers) < maxContacts {
			helpers = append(helpers, Contact{Name: u.Name(), Email: u.Email, Telephone: u.More[FieldTelephone]})
		}
	}
	return helpers, nil
}

// contactLine writes contacts in one line, for a mail.
func contactLine(helpers []Contact) string {
	texts := make([]string, len(helpers))
	for i, h := range helpers {
		texts[i] = h.Name
		if h.Email != "" {
			texts[i] += " (" + h.Email + ")"
		}
	}
	return strings.Join(texts, ", ")
}

// HelpersLine names whom to ask in one line, for mails about to be sent; "" for an organisation there is not.
func (d *Directory) HelpersLine(ctx context.Context, org Slug) (string, error) {
	o, err := d.Store.Organisation(ctx, org)
	if KindOf(err) == NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	helpers, err := d.Helpers(ctx, o)
	return contactLine(helpers), err
}

// OwnHelpers are whom the caller can ask inside the organisation.
func (d *Directory) OwnHelpers(ctx context.Context, c Caller) ([]Contact, error) {
	if err := c.Admitted(); err != nil {
		return nil, err
	}
	return d.Helpers(ctx, c.Organisation)
}

// Entrance is what anybody may know of an organisation who wants to sign in there.
type Entrance struct {
	Organisation Organisation
	Helpers      []Contact
}

// Entrance describes the sign-in page of an organisation; NotFound.
func (d *Directory) Entrance(ctx context.Context, org Slug) (Entrance, error) {
	if !org.Valid() {
		return Entrance{}, ErrNotFound
	}
	if err := d.Store.Ahead(ctx, NeedOrganisation{org}, NeedAdministrators{org}); err != nil {
		return Entrance{}, err
	}
	o, err := d.Store.Organisation(ctx, org)
	if err != nil {
		return Entrance{}, err
	}
	helpers, err := d.outsideHelpers(ctx, o)
	return Entrance{Organisation: o, Helpers: helpers}, err
}

// outsideHelpers are whom somebody is told to ask who has not shown who they are.
func (d *Directory) outsideHelpers(ctx context.Context, o Organisation) ([]Contact, error) {
	if o.Policy.Contact.Hidden {
		return o.publicHelpers(), nil
	}
	return d.Helpers(ctx, o)
}

// publicHelpers is customer service alone, where people are not named to everybody.
func (o Organisation) publicHelpers() []Contact {
	if o.Policy.Contact.CustomerService == "" {
		return []Contact{}
	}
	return []Contact{{Name: o.Name, Email: o.Policy.Contact.CustomerService}}
}
