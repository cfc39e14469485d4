package directory

import (
	"fmt"
	"slices"

	"github.com/caretaker/caretaker/internal/directory/rule"
)

// Preset turns a new organisation into one of the systems Caretaker can be. It is data; the catalogue of rights and
// the areas stay with the preset, while policy, roles and agreement are copied and become the organisation's own.
type Preset struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	// Platform marks the preset of the organisation that runs the platform; no other can have it.
	Platform bool        `json:"platform"`
	Language string      `json:"language"`
	Policy   Policy      `json:"policy"`
	Rights   []RightInfo `json:"rights"`
	Areas    []Area      `json:"areas"`
	Roles    []Role      `json:"roles"`
	// FirstAdministrator lists the roles of the administrator an organisation starts with, and of further ones that
	// the operator adds.
	FirstAdministrator []RoleID `json:"firstAdministrator"`
	// FirstHasAllSchools gives the administrator an organisation starts with all schools; nobody else begins with any.
	FirstHasAllSchools bool          `json:"firstHasAllSchools"`
	Agreement          AgreementText `json:"agreement"`
}

// Presets is the catalogue of presets. It never changes while the program runs.
type Presets interface {
	// Preset returns the preset of that name; false if there is none.
	Preset(name string) (Preset, bool)
	// Names lists all names, sorted.
	Names() []string
}

// AgreementText is the conditions of use, in a version to read at once and one to keep.
type AgreementText struct {
	Short string `json:"short"`
	Long  string `json:"long"`
}

// Validate returns every fault of the preset, each at its place, such as "roles[0].rights[2]".
func (p Preset) Validate() []FieldError {
	var c checks
	c.text("label", p.Label, MaxOrgName, false)
	c.oneOf("language", p.Language, languages...)
	for _, f := range p.Policy.Validate(p.Roles) {
		c.addBroken("policy."+f.Field, f.Broken)
	}
	known := p.checkRights(&c)
	for i, a := range p.Areas {
		at := fmt.Sprintf("areas[%d]", i)
		c.text(at+".id", string(a.ID), MaxName, false)
		c.label(at, a.Label)
		c.rights(at, a.Rights, known)
	}
	p.checkRoles(&c, known)
	if p.Policy.Agreement.When != AgreementNever {
		c.text("agreement.short", p.Agreement.Short, MaxAgreement, true)
		c.text("agreement.long", p.Agreement.Long, MaxAgreement, true)
	}
	return c.found
}

func (p Preset) checkRights(c *checks) map[Right]bool {
	known := map[Right]bool{}
	for i, r := range p.Rights {
		at := fmt.Sprintf("rights[%d]", i)
		if known[r.ID] {
			c.add(at+".id", rule.Twice)
		}
		known[r.ID] = true
		c.label(at, r.Label)
	}
	return known
}

func (p Preset) checkRoles(c *checks, known map[Right]bool) {
	seen := map[RoleID]bool{}
	for i, r := range p.Roles {
		at := fmt.Sprintf("roles[%d]", i)
		if seen[r.ID] {
			c.add(at+".id", rule.Twice)
		}
		seen[r.ID] = true
		c.text(at+".id", string(r.ID), MaxName, false)
		c.label(at, r.Label)
		c.oneOf(at+".constraints.grantedBy", string(r.Constraints.GrantedBy), string(GrantedByManagers), string(GrantedByOperator))
		c.rights(at, r.Rights, known)
	}
	for i, r := range p.Roles {
		checkRequires(c, fmt.Sprintf("roles[%d].constraints", i), r, p.Roles)
	}
	if len(p.FirstAdministrator) == 0 {
		c.add("firstAdministrator", rule.TooFew, 1)
	}
	for i, id := range p.FirstAdministrator {
		if !seen[id] {
			c.add(fmt.Sprintf("firstAdministrator[%d]", i), rule.NoSuchRole, id)
		}
	}
}

// checkRequires demands that the roles a role requires are there and do not, in the end, require it in turn.
func checkRequires(c *checks, at string, r Role, roles []Role) {
	for i, id := range r.Constraints.Requires {
		field := fmt.Sprintf("%s.requires[%d]", at, i)
		switch required := findRole(roles, id); {
		case required == nil:
			c.add(field, rule.NoSuchRole, id)
		case requires(roles, id, r.ID, len(roles)):
			c.add(field, rule.RequiresTheRole, id, r.ID)
		}
	}
}

func findRole(roles []Role, id RoleID) *Role {
	i := slices.IndexFunc(roles, func(r Role) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &roles[i]
}

// requires tells whether having the role from makes one need the role to, over at most so many steps.
func requires(roles []Role, from, to RoleID, steps int) bool {
	if from == to {
		return true
	}
	r := findRole(roles, from)
	return r != nil && steps > 0 && slices.ContainsFunc(r.Constraints.Requires, func(id RoleID) bool {
		return requires(roles, id, to, steps-1)
	})
}

func (c *checks) label(at string, l Label) {
	c.text(at+".label.en", l["en"], MaxName, false)
	for language, text := range l {
		c.oneOf(at+".label", language, languages...)
		c.text(at+".label."+language, text, MaxName, false)
	}
}

func (c *checks) rights(at string, rights []Right, known map[Right]bool) {
	for i, r := range rights {
		if !known[r] {
			c.add(fmt.Sprintf("%s.rights[%d]", at, i), rule.NoSuchRight, r)
		}
	}
}
