package deployment

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Plan is what samconfig.toml says of one environment.
type Plan struct {
	Stage      string
	Stack      string
	Region     string
	Parameters map[string]string // of the template
}

// ErrNoPlan says that a stage is not planned.
var ErrNoPlan = errors.New("samconfig.toml has no such section")

// ReadPlan reads the plan of a stage out of samconfig.toml.
func ReadPlan(samconfig []byte, stage string) (Plan, error) {
	var environments map[string]any
	if err := toml.Unmarshal(samconfig, &environments); err != nil {
		return Plan{}, fmt.Errorf("read samconfig.toml: %w", err)
	}
	set, deployed := deployParameters(environments[stage])
	if !deployed {
		return Plan{}, fmt.Errorf("%w: [%s.deploy.parameters]; STAGE is one of %s", ErrNoPlan, stage, strings.Join(stages(environments), ", "))
	}
	p := Plan{Stage: stage, Parameters: map[string]string{}}
	p.Stack, _ = set["stack_name"].(string)
	p.Region, _ = set["region"].(string)
	overrides, _ := set["parameter_overrides"].([]any)
	for _, o := range overrides {
		text, _ := o.(string)
		name, value, is := strings.Cut(text, "=")
		if !is {
			return Plan{}, fmt.Errorf("samconfig.toml: %q of [%s.deploy.parameters] is no Name=value", text, stage)
		}
		p.Parameters[name] = value
	}
	if p.Stack == "" || p.Region == "" {
		return Plan{}, fmt.Errorf("samconfig.toml: [%s.deploy.parameters] needs stack_name and region", stage)
	}
	return p, nil
}

func deployParameters(environment any) (map[string]any, bool) {
	commands, _ := environment.(map[string]any)
	deploy, _ := commands["deploy"].(map[string]any)
	set, is := deploy["parameters"].(map[string]any)
	return set, is
}

// stages are those that can be deployed.
func stages(environments map[string]any) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(environments)) {
		if _, deployed := deployParameters(environments[name]); deployed {
			names = append(names, name)
		}
	}
	return names
}

// Placeholders are the parameters that still name an example's host or address (RFC 2606 sets these domains aside).
func (p Plan) Placeholders() []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		if placeholder(p.Parameters[name]) {
			found = append(found, name)
		}
	}
	return found
}

func placeholder(value string) bool {
	for _, reserved := range []string{"example.org", "example.com", "example.net", ".example"} {
		if strings.HasSuffix(value, reserved) {
			return true
		}
	}
	return false
}
