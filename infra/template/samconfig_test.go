package template_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/infra/template/samfile"
)

var stackName = regexp.MustCompile(`(?m)^stack_name = "(.+)"$`)

// overrides are the template's parameters that samconfig.toml sets, by environment and command.
func overrides(tb testing.TB) map[string]map[string]string {
	tb.Helper()
	found, err := samfile.Overrides("../../samconfig.toml")
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

func TestEveryEnvironmentSetsTheParametersThatHaveNoDefault(t *testing.T) {
	t.Parallel()
	parameters := load(t).Parameters
	var places []string
	for place, set := range overrides(t) {
		places = append(places, place)
		environment, _, _ := strings.Cut(place, " ")
		if set["Stage"] != environment {
			t.Errorf("%s has the stage %q", place, set["Stage"])
		}
		for name, p := range parameters {
			if p.Default == nil && set[name] == "" {
				t.Errorf("%s does not set %s", place, name)
			}
		}
		for name := range set { // a misspelt name would fail the deployment; a secret would have no parameter to go to
			if _, known := parameters[name]; !known {
				t.Errorf("%s sets %s, which the template does not have", place, name)
			}
		}
	}
	slices.Sort(places)
	if want := []string{"local local_invoke", "local local_start_api", "production deploy", "staging deploy"}; !slices.Equal(places, want) {
		t.Errorf("parameters are set for %v, want %v", places, want)
	}
}

// CloudFormation gives a stack's tags to all in it that takes any, so they are said once.
func TestEveryDeployedStackIsTagged(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []string{"staging", "production"} {
		if !strings.Contains(string(text), `tags = ["project=caretaker", "stage=`+stage+`"]`) {
			t.Errorf("the stack of %s has no tags", stage)
		}
	}
}

func TestProductionIsWatchedAndDeployedSlowly(t *testing.T) {
	t.Parallel()
	set := overrides(t)["production deploy"]
	if set["AlarmMail"] == "" || set["Rollout"] == "" || set["Rollout"] == "AllAtOnce" {
		t.Errorf("alarms go to %q, a new version takes over by %q", set["AlarmMail"], set["Rollout"])
	}
}
