package presets_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/caretaker/caretaker/internal/presets/builtin"
)

// The console offers the presets that an organisation can be set up from, and what some of each are entitled to.
func TestTheConsoleOffersThePresets(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../web/src/pages/operator/presets.json")
	if err != nil {
		t.Fatal(err)
	}
	var offered map[string][]string
	if err := json.Unmarshal(text, &offered); err != nil {
		t.Fatal(err)
	}
	there := map[string][]string{}
	all := builtin.New()
	for _, name := range all.Names() {
		p, _ := all.Preset(name)
		if p.Platform {
			continue
		}
		there[name] = []string{}
		for _, r := range p.Roles {
			if e := r.Constraints.Entitlement; e != "" {
				there[name] = append(there[name], e)
			}
		}
		slices.Sort(there[name])
		there[name] = slices.Compact(there[name])
	}
	if diff := cmp.Diff(there, offered); diff != "" {
		t.Errorf("the presets, and what the console offers: %s", diff)
	}
}
