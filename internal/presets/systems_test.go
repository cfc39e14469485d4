package presets_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/presets"
)

func preset(t *testing.T, name string) directory.Preset {
	t.Helper()
	p, ok := presets.Builtin().Preset(name)
	if !ok {
		t.Fatalf("the preset %s is missing or faulty", name)
	}
	return p
}

func role(t *testing.T, p directory.Preset, id directory.RoleID) directory.Role {
	t.Helper()
	i := slices.IndexFunc(p.Roles, func(r directory.Role) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("%s has no role %s", p.Name, id)
	}
	return p.Roles[i]
}

// wantEqual compares lists; no list and an empty one are the same.
func wantEqual[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

func TestEveryFirstAdministratorCanManageUsers(t *testing.T) {
	t.Parallel()
	for _, name := range presets.Builtin().Names() {
		p := preset(t, name)
		o := directory.Organisation{Roles: p.Roles}
		first := directory.User{Roles: p.FirstAdministrator}
		if d := directory.Decide(p.Rights, o, first, directory.UsersManage, nil); !d.Allowed || !o.IsAdministrator(first) {
			t.Errorf("%s: the first administrator must be one and hold users.manage: %s", name, d.Reason)
		}
	}
}

func TestEveryAreaCanBeOpened(t *testing.T) {
	t.Parallel()
	for _, name := range presets.Builtin().Names() {
		p := preset(t, name)
		var all []directory.Right
		for _, r := range p.Rights {
			all = append(all, r.ID)
		}
		for _, a := range directory.AreasOf(p.Areas, all, p.Language) {
			if !a.Enabled {
				t.Errorf("%s: no right opens the area %s", name, a.ID)
			}
		}
	}
}

// Whoever reads the console in another language than the organisation's reads names in it, too.
func TestRightsAndAreasHaveNamesInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, name := range presets.Builtin().Names() {
		p := preset(t, name)
		names := map[string]directory.Label{}
		for _, r := range p.Rights {
			names["right "+string(r.ID)] = r.Label
		}
		for _, a := range p.Areas {
			names["area "+string(a.ID)] = a.Label
		}
		for of, label := range names {
			for _, language := range []string{"en", "da"} {
				if label[language] == "" {
					t.Errorf("%s: the %s has no name in %s", name, of, language)
				}
			}
		}
	}
}

func TestAgreementTextsAreThereExactlyWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	want := map[string]directory.AgreementWhen{
		"school-portal": directory.AgreementEachVersion, "learner-registration": directory.AgreementEachSignIn,
		"authority-analytics": directory.AgreementNever, "measurement-programme": directory.AgreementNever,
		"school-intranet": directory.AgreementNever,
	}
	for name, when := range want {
		p := preset(t, name)
		if got := p.Policy.Agreement.When; got != when {
			t.Errorf("%s: the agreement is shown %s, want %s", name, got, when)
		}
		if has := p.Agreement != (directory.AgreementText{}); has != (when != directory.AgreementNever) {
			t.Errorf("%s: shown %s, and there is a text: %v", name, when, has)
		}
	}
}

func TestLearnerRegistrationHasEightRolesFourOfThemByEntitlement(t *testing.T) {
	t.Parallel()
	p := preset(t, "learner-registration")
	want := map[directory.RoleID]string{
		"LRBSuperUser": "", "LRBOnlineUser": "", "LRBBatchUser": "", "LRBViewOnlyUser": "",
		"AwardingBodyUser": "awardingBody", "LearnerPlanUser": "learnerPlan", "LearnerPlanViewOnly": "learnerPlan",
		"LearnerRecord": "learnerRecord",
	}
	got := map[directory.RoleID]string{}
	for _, r := range p.Roles {
		got[r.ID] = r.Constraints.Entitlement
	}
	if !maps.Equal(got, want) {
		t.Errorf("got roles and entitlements %v\nwant %v", got, want)
	}
	if !p.Policy.Users.RolesRequired || len(p.Policy.Users.DefaultRoles) > 0 {
		t.Error("a role must be chosen for every user, and none is chosen beforehand")
	}
}

func TestLearnerRegistrationsSuperUserDoesNothingWithLearners(t *testing.T) {
	t.Parallel()
	p := preset(t, "learner-registration")
	super := role(t, p, "LRBSuperUser")
	if !super.GrantsAny || !super.Administrator || !super.Constraints.AtLeastOne {
		t.Error("a super user gives every role, looks after the organisation, and is always there")
	}
	wantEqual(t, "areas of a super user", openedBy(p, super), []directory.AreaID{"users", "contact"})
}

func TestLearnerRegistrationsGenericWordsCanMatch(t *testing.T) {
	t.Parallel()
	words := preset(t, "learner-registration").Policy.Users.GenericWords
	for _, w := range words {
		if strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%q never matches: words are compared in lower case and divided at everything but letters", w)
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(words)))) != len(words) {
		t.Error("a word is there twice")
	}
	for _, w := range []string{"user", "admin", "department", "guest"} { // those of the guide
		if !slices.Contains(words, w) {
			t.Errorf("%q is missing", w)
		}
	}
}

func TestNoTypeOfUserFillsInASensitiveRight(t *testing.T) {
	t.Parallel()
	p := preset(t, "authority-analytics")
	var sensitive []directory.Right
	for _, r := range p.Rights {
		if r.Sensitive {
			sensitive = append(sensitive, r.ID)
		}
	}
	wantEqual(t, "sensitive rights", sensitive, []directory.Right{"reports.pupilLevel", "reports.cinCla"})
	for _, r := range p.Roles {
		for _, s := range sensitive {
			if slices.Contains(r.Rights, s) {
				t.Errorf("%s carries %s, to which nobody agreed", r.ID, s)
			}
		}
	}
}

func TestWhoeverOpensUsersSeesOtherAuthoritiesUsers(t *testing.T) {
	t.Parallel()
	p := preset(t, "authority-analytics")
	var managers []directory.RoleID
	for _, r := range p.Roles {
		if slices.Contains(r.Rights, directory.UsersView) != slices.Contains(r.Rights, "directory.view") {
			t.Errorf("%s has one of users.view and directory.view without the other", r.ID)
		}
		if slices.Contains(r.Rights, directory.UsersManage) {
			managers = append(managers, r.ID)
		}
	}
	wantEqual(t, "types of user that manage users", managers, []directory.RoleID{"administrator"})
	if p.Policy.Usernames.Reuse != directory.ReuseAfterDelete {
		t.Error("a username must be free again once its account is deleted")
	}
}

// What the guide says of each role; a role that requires another opens that one's areas beside these.
func TestMeasurementProgrammesRolesOpenWhatTheGuideSays(t *testing.T) {
	t.Parallel()
	p := preset(t, "measurement-programme")
	want := map[directory.RoleID][]directory.AreaID{
		"monitor":      {"schools", "qualityIndicators", "qualityReports"},
		"superMonitor": {"schools", "qualityIndicators", "qualityRecords", "qualityReports"},
		"collector":    {"schools", "pupilData", "pupilGrid"},
		"laSetup":      {"schools", "schoolEditing", "eligiblePupils"},
		"ncmpLead":     {"finalise", "extract", "purge"},
		"superUser":    {"users"},
	}
	if len(p.Roles) != len(want) {
		t.Errorf("there are %d roles, want %d", len(p.Roles), len(want))
	}
	for id, areas := range want {
		wantEqual(t, "areas of "+string(id), openedBy(p, role(t, p, id)), areas)
	}
}

func TestMeasurementProgrammesLeadIsOneSuperUserWithAllSchools(t *testing.T) {
	t.Parallel()
	p := preset(t, "measurement-programme")
	lead, super := role(t, p, "ncmpLead").Constraints, role(t, p, "superUser")
	if !lead.AtMostOne || !lead.AllSchools {
		t.Errorf("the lead is one person with all schools, not %+v", lead)
	}
	wantEqual(t, "what the lead requires", lead.Requires, []directory.RoleID{"superUser"})
	if !super.Constraints.AtLeastOne || super.Constraints.Protected || !super.GrantsAny || !super.Administrator {
		t.Errorf("there is always a super user, who gives every role and can be removed by another, not %+v", super)
	}
	if u := p.Policy.Users; u.RolesRequired || len(u.DefaultRoles) > 0 {
		t.Error("a new user has no role")
	}
}

func TestMeasurementProgrammesPupilsAreSeenSchoolBySchool(t *testing.T) {
	t.Parallel()
	p := preset(t, "measurement-programme")
	seen := 0
	for _, r := range p.Rights {
		group, _, _ := strings.Cut(string(r.ID), ".")
		if !slices.Contains([]string{"pupils", "measurements", "quality"}, group) {
			continue
		}
		seen++
		if !r.PerSchool {
			t.Errorf("%s must hold at the assigned schools only", r.ID)
		}
	}
	if seen == 0 {
		t.Error("no right is about pupils")
	}
}

func TestIntranetSpeaksEnglishAndDanish(t *testing.T) {
	t.Parallel()
	p := preset(t, "school-intranet")
	labels := map[string]directory.Label{}
	for _, r := range p.Rights {
		labels["right "+string(r.ID)] = r.Label
	}
	for _, a := range p.Areas {
		labels["area "+string(a.ID)] = a.Label
	}
	for _, r := range p.Roles {
		labels["role "+string(r.ID)] = r.Label
	}
	for what, l := range labels {
		if l["en"] == "" || l["da"] == "" {
			t.Errorf("%s is called %v, want English and Danish", what, l)
		}
	}
	if p.Language != "da" {
		t.Errorf("the intranet's language is %s", p.Language)
	}
}

func TestIntranetsAdministratorHasEveryRightAndNewUsersAreOrdinaryTeachers(t *testing.T) {
	t.Parallel()
	p := preset(t, "school-intranet")
	var all []directory.Right
	for _, r := range p.Rights {
		all = append(all, r.ID)
	}
	wantEqual(t, "rights of the administrator", role(t, p, "administrator").Rights, all)
	wantEqual(t, "default groups", p.Policy.Users.DefaultRoles, []directory.RoleID{"ordinaryTeachers"})
	if name := role(t, p, "ordinaryTeachers").Label.In("da"); name != "Almindelige lærere" {
		t.Errorf("the default group is called %q", name)
	}
	if !p.Policy.Usernames.Chosen {
		t.Error("usernames are initials, which an administrator types")
	}
}

// openedBy lists the areas that a holder of this role and no other can open, in the order of the preset.
func openedBy(p directory.Preset, r directory.Role) []directory.AreaID {
	var open []directory.AreaID
	for _, a := range directory.AreasOf(p.Areas, r.Rights, p.Language) {
		if a.Enabled {
			open = append(open, a.ID)
		}
	}
	return open
}
