package directory

import (
	"context"
	"fmt"
	"slices"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// NewOrganisation is an organisation to be set up with its first administrator.
type NewOrganisation struct {
	Slug               Slug
	Name               string
	Preset             string
	Language           string // "": the preset's
	Entitlements       []string
	Schools            string // a table with the columns name and code, separated by commas; "" for none yet
	FirstAdministrator NewUser
}

// Founded is a new organisation, its first administrator and the initial password, "" on a repeated answer.
type Founded struct {
	Organisation Organisation
	User         User
	Password     Shown `json:"-"`
}

// CreateOrganisation sets an organisation up from a preset, with its first administrator. Operators only. It fails with
// Invalid, naming every wrong field, and with ErrSlugTaken.
func (d *Directory) CreateOrganisation(ctx context.Context, c Caller, n NewOrganisation, o Once) (Founded, error) {
	if err := c.requireOperator(); err != nil {
		return Founded{}, err
	}
	return once(ctx, d, c, "createOrganisation", o, func(r *Receipt) (Founded, error) { return d.found(ctx, c, n, r) })
}

// FoundPlatform sets up the operator's organisation with its first operator, by the service itself: it is how an empty
// store begins. It fails with ErrSlugTaken when that was done before.
func (d *Directory) FoundPlatform(ctx context.Context, n NewOrganisation) (Founded, error) {
	n.Slug = OperatorSlug
	_, err := d.Store.Organisation(ctx, OperatorSlug)
	if err == nil { // the Commit would tell too, but only after a password was set and taken back
		return Founded{}, ErrSlugTaken
	}
	if KindOf(err) != NotFound {
		return Founded{}, err
	}
	return d.found(ctx, Caller{}, n, nil)
}

// AddOperator adds a further operator by the service itself: for whoever holds the keys of the installation, once no operator
// can sign in any more. All operators are told, and the trail keeps by, which says who it was. NotFound before FoundPlatform.
func (d *Directory) AddOperator(ctx context.Context, n NewUser, by string) (Created, error) {
	o, err := d.Store.Organisation(ctx, OperatorSlug)
	if err != nil {
		return Created{}, err
	}
	p, _ := d.Presets.Preset(o.Preset)
	n.Roles = &p.FirstAdministrator
	u, err := d.newUser(Caller{}, o, n, theOperator)
	if err != nil {
		return Created{}, err
	}
	a := addition{organisation: o, user: u, action: UserCreated, note: "added by " + by + ", with the keys of the installation"}
	a.meanwhile = func() ([]Mail, error) { return d.aboutNewAdministrator(ctx, o, u, by) }
	return d.addUser(ctx, Caller{}, a, nil, func(u User) any { return Created{User: u} })
}

func (d *Directory) found(ctx context.Context, c Caller, n NewOrganisation, r *Receipt) (Founded, error) {
	o, p, err := d.newOrganisation(c, n)
	if err != nil && (KindOf(err) != Invalid || p.Name == "") {
		return Founded{}, err // without a preset nothing is known of users
	}
	first := n.FirstAdministrator
	first.Roles = &p.FirstAdministrator
	u, wrongUser := d.newUser(c, o, first, theOperator)
	schools, wrongSchools := d.newBook(o, n.Schools)
	if err := together(err, prefixFields("firstAdministrator.", wrongUser), wrongSchools); err != nil {
		return Founded{}, err
	}
	u.AllSchools = p.FirstHasAllSchools
	o.PrimaryContact = u.ID
	a := addition{organisation: o, user: u, action: OrganisationCreated, writes: []Write{PutOrganisation{o}}}
	if o.AgreementVersion > 0 {
		a.writes = append(a.writes, PutAgreement{Agreement{Org: o.Slug, Version: 1, Text: p.Agreement, PublishedAt: o.CreatedAt}})
	}
	// A book that nobody has yet can be filled beside the beginning: the organisation's own Commit, which names it, is what makes
	// its schools visible, all at once. A book that is never named is never read.
	book := o.SchoolBook
	a.meanwhile = func() ([]Mail, error) { return nil, d.Store.FillBook(ctx, book, schools) }
	o.Version++
	made, err := d.addUser(ctx, c, a, r, func(u User) any { return Founded{Organisation: o, User: u} })
	return Founded{Organisation: o, User: made.User, Password: made.Password}, err
}

// newBook makes the schools that an organisation begins with.
func (d *Directory) newBook(o Organisation, table string) ([]School, error) {
	if table == "" {
		return nil, nil
	}
	schools, err := d.readSchools(table)
	for i := range schools {
		schools[i].Org = o.Slug
	}
	return schools, err
}

func (d *Directory) newOrganisation(c Caller, n NewOrganisation) (Organisation, Preset, error) {
	var wrong checks
	p, known := d.Presets.Preset(n.Preset)
	if !known || (n.Slug == OperatorSlug) != p.Platform {
		wrong.add("preset", rule.OneOf, d.presetNames())
	}
	if !n.Slug.Valid() || reservedSlugs[n.Slug] {
		wrong.add("slug", rule.Slug)
	}
	if n.Slug == OperatorSlug && c.User.ID != "" {
		return Organisation{}, Preset{}, ErrSlugTaken
	}
	o := Organisation{
		Slug: n.Slug, Name: d.clean(n.Name), Preset: n.Preset, Language: n.Language, Entitlements: cleanList(n.Entitlements),
		Policy: p.Policy, Roles: slices.Clone(p.Roles), SchoolBook: d.NewID(), CreatedAt: d.Now(),
	}
	if o.Language == "" {
		o.Language = p.Language
	}
	o.check(&wrong, p)
	if p.Agreement != (AgreementText{}) {
		o.AgreementVersion = 1
	}
	return o, p, wrong.err()
}

// presetNames lists the presets an operator can choose.
func (d *Directory) presetNames() []string {
	var names []string
	for _, name := range d.Presets.Names() {
		if p, _ := d.Presets.Preset(name); !p.Platform {
			names = append(names, name)
		}
	}
	return names
}

// languages are those that mails and the console can speak.
var languages = []string{"en", "da"}

func (o Organisation) check(c *checks, p Preset) {
	c.text("name", o.Name, MaxOrgName, false)
	c.oneOf("language", o.Language, languages...)
	var known []string
	for _, r := range p.Roles {
		if e := r.Constraints.Entitlement; e != "" && !slices.Contains(known, e) {
			known = append(known, e)
		}
	}
	for i, e := range o.Entitlements {
		if !slices.Contains(known, e) {
			c.add(fmt.Sprintf("entitlements[%d]", i), rule.Entitlement, texts(known))
		}
	}
}

func cleanList(typed []string) []string {
	cleaned := []string{}
	for _, t := range typed {
		cleaned = append(cleaned, CleanLine(t))
	}
	slices.Sort(cleaned)
	return slices.Compact(cleaned)
}

// OrganisationChange is what the operator wants changed; nil leaves a detail as it is.
type OrganisationChange struct {
	Name, Language *string
	Entitlements   *[]string
}

// Organisations lists the organisations of the platform. Operators only.
func (d *Directory) Organisations(ctx context.Context, c Caller, limit int, cursor string) (OrganisationPage, error) {
	if err := c.requireOperator(); err != nil {
		return OrganisationPage{}, err
	}
	return d.Store.Organisations(ctx, limit, cursor)
}

// Organisation returns one of them; NotFound. Operators only.
func (d *Directory) Organisation(ctx context.Context, c Caller, slug Slug) (Organisation, error) {
	if err := c.requireOperator(); err != nil {
		return Organisation{}, err
	}
	if !slug.Valid() {
		return Organisation{}, ErrNotFound
	}
	return d.Store.Organisation(ctx, slug)
}

// ChangeOrganisation changes name, language or entitlements. Operators only. It fails with Invalid, NotFound and Stale.
func (d *Directory) ChangeOrganisation(ctx context.Context, c Caller, slug Slug, ch OrganisationChange, seen *int64) (Organisation, error) {
	o, err := d.Organisation(ctx, c, slug)
	if err != nil {
		return Organisation{}, err
	}
	if err := expect(seen, o.Version); err != nil {
		return Organisation{}, err
	}
	entry := d.entry(c, OrganisationChanged, User{Org: slug})
	entry.Before = o.details()
	if ch.Name != nil {
		o.Name = d.clean(*ch.Name)
	}
	if ch.Language != nil {
		o.Language = *ch.Language
	}
	if ch.Entitlements != nil {
		o.Entitlements = cleanList(*ch.Entitlements)
	}
	entry.After = o.details()
	var wrong checks
	p, _ := d.Presets.Preset(o.Preset)
	o.check(&wrong, p)
	if err := wrong.err(); err != nil {
		return Organisation{}, err
	}
	err = d.Store.Commit(ctx, Change{Entries: []Entry{entry}, Writes: []Write{PutOrganisation{o}}})
	o.Version++
	return o, err
}

func (o Organisation) details() map[string]string {
	return map[string]string{"name": o.Name, "language": o.Language, "entitlements": fmt.Sprint(o.Entitlements)}
}

// Approval says who, at the organisation, asked for a further administrator, and what proves it.
type Approval struct{ Name, Position, Evidence string }

// AddAdministrator adds a further administrator to an organisation. Operators only; the approval is kept in the audit
// trail. It fails with Invalid, naming every wrong field, and with NotFound.
func (d *Directory) AddAdministrator(ctx context.Context, c Caller, slug Slug, n NewUser, by Approval, o Once) (Created, error) {
	org, err := d.Organisation(ctx, c, slug)
	if err != nil {
		return Created{}, err
	}
	var wrong checks
	wrong.name("approvedBy.name", d.clean(by.Name))
	wrong.text("approvedBy.position", d.clean(by.Position), MaxName, false)
	wrong.text("evidence", by.Evidence, MaxEvidence, true)
	p, _ := d.Presets.Preset(org.Preset)
	n.Roles = &p.FirstAdministrator
	u, err := d.newUser(c, org, n, theOperator)
	if err := joinFields(wrong, err); err != nil {
		return Created{}, err
	}
	note := fmt.Sprintf("approved by %s, %s; evidence: %s", d.clean(by.Name), d.clean(by.Position), by.Evidence)
	made, err := once(ctx, d, c, "addAdministrator", o, func(r *Receipt) (Created, error) {
		a := addition{organisation: org, user: u, action: UserCreated, note: note}
		a.meanwhile = func() ([]Mail, error) {
			return d.aboutNewAdministrator(ctx, org, u, d.clean(by.Name)+", "+d.clean(by.Position))
		}
		return d.addUser(ctx, c, a, r, func(u User) any { return Created{User: u} })
	})
	made.Organisation = org
	return made, err
}

// aboutNewAdministrator tells those who look after the organisation, suspended ones too, and the primary contact: somebody
// may have talked the platform into letting a stranger in.
func (d *Directory) aboutNewAdministrator(ctx context.Context, o Organisation, made User, approvedBy string) ([]Mail, error) {
	var told []User
	var contact User
	err := both(
		func() (err error) { told, err = d.Store.Administrators(ctx, o.Slug); return err },
		func() (err error) {
			if contact, err = d.primaryContact(ctx, o); KindOf(err) == NotFound {
				return nil
			}
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	if contact.ID != "" && !slices.ContainsFunc(told, func(u User) bool { return u.ID == contact.ID }) {
		told = append(told, contact)
	}
	return d.letters(o, told, AdministratorAddedMail, func(m *Mail) {
		m.ReplyTo = o.Policy.Contact.CustomerService
		m.Data["newAdministrator"] = made.Name()
		m.Data["approvedBy"] = approvedBy
	}), nil
}
