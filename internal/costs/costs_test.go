package costs_test

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/caretaker/caretaker/internal/costs"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What each operation reads is what was measured: the estimate changes when the measurement does. What it writes is by the price
// list, below what DynamoDB Local says.
func TestTheEstimateReckonsWithWhatWasMeasured(t *testing.T) {
	t.Parallel()
	measured := map[string][]string{}
	for line := range strings.Lines(read(t, "benchmarks.md")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) == 6 {
			measured[strings.Trim(cells[0], " `")] = cells
		}
	}
	for _, o := range costs.Habits {
		row := measured[o.Name]
		if row == nil {
			t.Errorf("%q is not measured", o.Name)
			continue
		}
		if reads, writes := number(t, row[4]), number(t, row[5]); reads != o.ReadUnits || writes < o.WriteUnits {
			t.Errorf("%s takes %g and at most %g units, and is reckoned with %g and %g", o.Name, reads, writes, o.ReadUnits, o.WriteUnits)
		}
	}
}

func number(t *testing.T, cell string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheTableInTheManualIsTheOneThatIsReckoned(t *testing.T) {
	t.Parallel()
	if want := costs.Table(costs.List); !strings.Contains(read(t, "operating.md"), want) {
		t.Errorf("docs/operating.md does not have this table (make cost prints it):\n%s", want)
	}
}

// By hand, for prices that make it easy: one dollar a million reads, and nothing else costs anything.
func TestReadsAreAddedUp(t *testing.T) {
	t.Parallel()
	want := 0.0
	mails := 0.8
	for _, o := range costs.Habits {
		want += o.PerUser * o.ReadUnits
		mails += o.PerUser * o.Mails
	}
	want += mails * 3
	if got := costs.Of(1e6, costs.Prices{MillionReads: 1}); math.Abs(got.Total()-want) > 1e-6 {
		t.Errorf("a million users cost %g, want %g", got.Total(), want)
	}
}

func TestUsersArePaidForInSteps(t *testing.T) {
	t.Parallel()
	steps := costs.Prices{ActiveUsers: []costs.Step{{UpTo: 10, Each: 0}, {UpTo: 100, Each: 2}, {UpTo: 1000, Each: 1}}}
	for users, want := range map[float64]float64{5: 0, 10: 0, 11: 2, 100: 180, 150: 230, 1000: 1080} {
		if got := costs.Of(users, steps).Passwords; got != want {
			t.Errorf("%s users cost %g, want %g", fmt.Sprint(users), got, want)
		}
	}
}
