package demo

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/caretaker/caretaker/internal/directory"
)

//go:embed plan.yaml
var planFile []byte

// plan is what the demonstration consists of.
type plan struct {
	Passwords     []string       `json:"passwords"`
	Operator      organisation   `json:"operator"`
	Organisations []organisation `json:"organisations"`
}

type organisation struct {
	Slug          directory.Slug `json:"slug"`
	Name          string         `json:"name"`
	Preset        string         `json:"preset"`
	Administrator person         `json:"administrator"`
	Users         []person       `json:"users"`
}

type person struct {
	GivenName  string `json:"givenName"`
	FamilyName string `json:"familyName"`
	Email      string `json:"email"`
	Newcomer   bool   `json:"newcomer"`
}

func readPlan() (plan, error) {
	var p plan
	if err := yaml.NewDecoder(bytes.NewReader(planFile), yaml.Strict()).Decode(&p); err != nil {
		return plan{}, fmt.Errorf("plan.yaml: %s", yaml.FormatError(err, false, true))
	}
	p.Operator.Slug = directory.OperatorSlug
	return p, nil
}

// all lists the organisations, the platform's own last: it is not what people come for.
func (p plan) all() []organisation {
	return append(slices.Clip(p.Organisations), p.Operator)
}

// people lists everybody of an organisation, the administrator first.
func (o organisation) people() []person { return append([]person{o.Administrator}, o.Users...) }

func (p person) user() directory.NewUser {
	return directory.NewPerson(p.GivenName, p.FamilyName, p.Email)
}

func (o organisation) founding() directory.NewOrganisation {
	return directory.NewOrganisation{Slug: o.Slug, Name: o.Name, Preset: o.Preset, FirstAdministrator: o.Administrator.user()}
}
