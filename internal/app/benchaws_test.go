package app_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/caretaker/caretaker/internal/app"
	"github.com/caretaker/caretaker/internal/app/apptest"
	"github.com/caretaker/caretaker/internal/directory"
	"github.com/caretaker/caretaker/internal/store/engine"
)

// What lists and role changes cost on DynamoDB, in an organisation of 10,000: round trips and capacity units as DynamoDB
// Local counts them. It takes some minutes to fill the table.
func BenchmarkTenThousandOnDynamoDB(b *testing.B) {
	s := apptest.AWS(b)
	o, err := s.Store.Organisation(b.Context(), directory.OperatorSlug)
	if err != nil {
		b.Fatal(err)
	}
	fillOperator(b, s.App, 10_000)
	asked := map[string]directory.UserQuery{
		"by name": {}, "search": {Match: "pupil 0123"}, "by last sign-in": {Sort: directory.SortLastSignIn, Descending: true},
		"role that all have": {Roles: []directory.RoleID{"operator"}}, "role that nobody has": {Roles: []directory.RoleID{"none"}},
		"site": {Site: "Annexe"}, "status": {Status: directory.Active}, "school": {School: "01kd0000000000000000000000"},
	}
	for name, q := range asked {
		q.Org, q.Limit = o.Slug, 50
		b.Run(name, func(b *testing.B) {
			m := &engine.Meter{}
			for b.Loop() {
				if _, err := s.Store.Users(engine.WithMeter(b.Context(), m), q); err != nil {
					b.Fatal(err)
				}
			}
			report(b, m)
		})
	}
	b.Run("change a role of 10,000", func(b *testing.B) {
		m := &engine.Meter{}
		for b.Loop() {
			o, err := s.Store.Organisation(b.Context(), directory.OperatorSlug)
			if err == nil {
				err = s.Store.Commit(engine.WithMeter(b.Context(), m), directory.Change{
					Entries: []directory.Entry{{ID: fmt.Sprintf("role%d", o.Version), Org: o.Slug}},
					Writes:  []directory.Write{directory.PutOrganisation{Organisation: o}},
				})
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		report(b, m)
	})
}

// BenchmarkOverviewOfFiveThousand is what an administrator waits for who opens the overview of a large organisation: both requests
// of the page, through HTTP on the same machine, with the round trips that each took.
func BenchmarkOverviewOfFiveThousand(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *apptest.Stack{"embedded": apptest.Embedded, "DynamoDB": apptest.AWS} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			fillOperator(b, s.App, 5_000)
			for _, path := range []string{"/overview", "/forecast?months=12"} {
				b.Run(path, func(b *testing.B) {
					for b.Loop() {
						s.Operator.Call("GET", path, nil).Want(200)
					}
					cost := s.LastCost()
					b.ReportMetric(float64(cost.Trips), "trips/op")
					b.ReportMetric(float64(cost.Calls), "calls/op")
					b.ReportMetric(cost.ReadUnits, "reads/op")
				})
			}
		})
	}
}

func report(b *testing.B, m *engine.Meter) {
	b.Helper()
	cost, n := m.Total(), float64(b.N)
	b.ReportMetric(float64(cost.Calls)/n, "calls/op")
	b.ReportMetric(cost.ReadUnits/n, "reads/op")
	b.ReportMetric(cost.WriteUnits/n, "writes/op")
}

// fillOperator stores so many users in the platform's own organisation.
func fillOperator(b *testing.B, a *app.App, users int) {
	b.Helper()
	var adding sync.WaitGroup
	for part := range 32 {
		adding.Go(func() {
			for n := part; n < users; n += 32 {
				u := directory.User{
					Org: directory.OperatorSlug, ID: directory.UserID(fmt.Sprintf("01kd%022d", n)), Username: fmt.Sprintf("PPupi%05d", n),
					GivenName: "Pat", FamilyName: fmt.Sprintf("Pupil %05d", n), Email: fmt.Sprintf("pat.%d@users.example", n),
					Status: directory.Active, Roles: []directory.RoleID{"operator"},
				}
				err := a.Store.Commit(b.Context(), directory.Change{
					Entries: []directory.Entry{{ID: fmt.Sprintf("fill%06d", n), Org: u.Org, Action: directory.UserCreated}},
					Writes:  []directory.Write{directory.PutUser{User: u}},
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	adding.Wait()
}
