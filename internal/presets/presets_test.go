package presets_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/caretaker/caretaker/internal/presets"
)

func TestEveryPresetIsValid(t *testing.T) {
	t.Parallel()
	c := presets.Builtin()
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"authority-analytics", "learner-registration", "measurement-programme", "platform", "school-intranet", "school-portal",
	} {
		if _, ok := c.Preset(name); !ok {
			t.Errorf("the preset %s is missing", name)
		}
	}
	if _, ok := c.Preset("nothing"); ok {
		t.Error("a preset that is not there was found")
	}
}

func TestFaultsAreToldWithFileLineAndReason(t *testing.T) {
	t.Parallel()
	source, err := presets.Source("school-portal")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, replacement, want string }{
		{"a field nobody knows", "language: en", "langauge: en", `unknown field "langauge"`},
		{"a value out of bounds", "idleMinutes: 30", "idleMinutes: 3", "odd.yaml:25: policy.sessions.idleMinutes must be from 5 to 720"},
		{"a word that is none of the choices", "reuse: never", "reuse: sometimes", "policy.usernames.reuse must be one of never or afterDelete"},
		{"a pattern without digits", "{digits:4}", "", "policy.usernames.pattern must have"},
		{
			"a right that is not in the catalogue", "rights: [analyses.view, password.own]", "rights: [analyses.veiw]",
			"names the right analyses.veiw, which there is not",
		},
		{"a default role that is not there", "defaultRoles: [user]", "defaultRoles: [teacher]", "names the role teacher"},
		{"a type that does not fit", "idleMinutes: 30", "idleMinutes: half an hour", "odd.yaml: [25:"},
		{"no administrator to begin with", "firstAdministrator: [administrator]", "firstAdministrator: []", "firstAdministrator must name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			odd := strings.Replace(string(source), tt.old, tt.replacement, 1)
			c, err := presets.Open(fstest.MapFS{"odd.yaml": {Data: []byte(odd)}})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant it to say %q", err, tt.want)
			}
		})
	}
}
