package demo

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/caretaker/caretaker/internal/directory"
)

var (
	//go:embed plan.yaml
	planFile []byte
	//go:embed later.yaml
	laterFile []byte
)

// plan is what the demonstration consists of.
type plan struct {
	Passwords     []string       `json:"passwords"`
	Operator      organisation   `json:"operator"`
	Organisations []organisation `json:"organisations"`

	later []organisation // those that can wait
}

type organisation struct {
	Slug          directory.Slug `json:"slug"`
	Name          string         `json:"name"`
	Preset        string         `json:"preset"`
	Entitlements  []string       `json:"entitlements"`
	Schools       string         `json:"schools"` // a table, see directory.NewOrganisation
	Administrator person         `json:"administrator"`
	Users         []person       `json:"users"`
	Staff         []person       `json:"staff"`
}

type person struct {
	GivenName  string                         `json:"givenName"`
	FamilyName string                         `json:"familyName"`
	Email      string                         `json:"email"`
	Username   string                         `json:"username"` // where the preset has it chosen
	Details    map[directory.UserField]string `json:"details"`
	Roles      []directory.RoleID             `json:"roles"` // none: those that a new user is given
	Rights     []directory.Right              `json:"rights"`
	ApprovedBy string                         `json:"approvedBy"`
	AllSchools bool                           `json:"allSchools"`
	Schools    []posting                      `json:"schools"`
	Newcomer   bool                           `json:"newcomer"`
	LastSignIn int                            `json:"lastSignIn"` // days ago, for staff; 0: never
}

type posting struct {
	Name     string `json:"name"`
	Relation string `json:"relation"`
}

func readPlan() (plan, error) {
	var p plan
	if err := read("plan.yaml", planFile, &p); err != nil {
		return plan{}, err
	}
	var second struct {
		Organisations []organisation `json:"organisations"`
	}
	if err := read("later.yaml", laterFile, &second); err != nil {
		return plan{}, err
	}
	p.Operator.Slug, p.later = directory.OperatorSlug, second.Organisations
	return p, nil
}

func read(name string, file []byte, value any) error {
	if err := yaml.NewDecoder(bytes.NewReader(file), yaml.Strict()).Decode(value); err != nil {
		return fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, true))
	}
	return nil
}

// atOnce lists the organisations that are there from the start, the platform's own last: it is not what people come for.
func (p plan) atOnce() []organisation { return append(slices.Clip(p.Organisations), p.Operator) }

// all lists every organisation, the platform's own last.
func (p plan) all() []organisation {
	return append(slices.Concat(p.Organisations, p.later), p.Operator)
}

// people lists everybody of an organisation to sign in as, the administrator first.
func (o organisation) people() []person { return append([]person{o.Administrator}, o.Users...) }

func (p person) user() directory.NewUser {
	n := directory.NewPerson(p.GivenName, p.FamilyName, p.Email)
	maps.Copy(n.Details, p.Details)
	n.Username = p.Username
	switch {
	case p.AllSchools: // a role may demand the schools, which only somebody who is there already can be given
		n.Roles = &[]directory.RoleID{}
	case len(p.Roles) > 0:
		n.Roles = &p.Roles
	}
	return n
}

func (o organisation) founding() directory.NewOrganisation {
	return directory.NewOrganisation{
		Slug: o.Slug, Name: o.Name, Preset: o.Preset, Entitlements: o.Entitlements, Schools: o.Schools,
		FirstAdministrator: o.Administrator.user(),
	}
}
