package meeting

import (
	"slices"
	"testing"

	"plenary.example/shared/problem"
)

// Whoever is named to interpret is kept from everything else at that time, so it
// is not for two delegations to name somebody of a third.
func TestNobodyOfAThirdDelegationIsMadeToInterpret(t *testing.T) {
	t.Parallel()
	acts := map[string]func(t *testing.T, f *floor, who string) (Plan, error){
		"by asking for a meeting": func(_ *testing.T, f *floor, who string) (Plan, error) {
			a := ministers("kr", "fr", on(17, 9, 0))
			a.Interpreters = []string{who}
			return f.Request(a, of("kr"))
		},
		"by accepting": func(t *testing.T, f *floor, who string) (Plan, error) {
			m := f.request(t, "m", "kr", "fr", on(17, 9, 0))
			return f.Accept(m, of("fr"), Acceptance{Interpreters: []string{who}})
		},
		"in the place of another": func(t *testing.T, f *floor, who string) (Plan, error) {
			a := ministers("kr", "fr")
			a.Interpreters = []string{"kr-expert"}
			m := f.now(t, "m")(f.Book(Booking{Asking: "kr", Asked: a, Start: on(17, 9, 0)}, byDesk))
			return f.Substitute(m, of("kr"), "kr-expert", who)
		},
		"by the desk": func(_ *testing.T, f *floor, who string) (Plan, error) {
			a := ministers("kr", "fr")
			a.Interpreters = []string{who}
			return f.Book(Booking{Asking: "kr", Asked: a, Start: on(17, 9, 0)}, byDesk)
		},
		"by looking for a slot": func(_ *testing.T, f *floor, who string) (Plan, error) {
			q := Query{By: "kr", With: "fr", Level: Minister, Principals: []string{"kr-minister"}, Interpreters: []string{who}}
			if len(f.Search(q)) == 0 {
				return Plan{}, problem.New(problem.Invalid, "person_unknown", "Nothing is said of them.")
			}
			return Plan{}, nil
		},
	}
	for name, act := range acts {
		for who, may := range map[string]bool{
			"kr-interpreter": true, "fr-interpreter": true, "jp-interpreter": true, "us-aide": true, "us-clerk": true,
			"us-interpreter": false, "us-minister": false, "us-liaison": false, "nobody": false,
		} {
			t.Run(name+" "+who, func(t *testing.T) {
				t.Parallel()
				f := newFloor(t)
				for role, id := range map[string]string{"desk": "us-aide", "secretariat": "us-clerk", "liaison": "us-liaison"} {
					f.people[id] = Person{Delegation: "us", Status: "accredited", Roles: []string{"delegate", role}}
				}
				_, err := act(t, f, who)
				if may && err != nil {
					t.Errorf("%s may not interpret: %v", who, err)
				}
				if !may {
					refused(t, err, "person_unknown")
				}
			})
		}
	}
}

func TestADeputyOfAThirdDelegationDoesNotInterpret(t *testing.T) {
	t.Parallel()
	f := newFloor(t)
	a := ministers("kr", "fr")
	a.Interpreters = []string{"jp-interpreter"}
	m := f.now(t, "m")(f.Book(Booking{Asking: "kr", Asked: a, Start: on(17, 9, 0)}, byDesk))
	p, err := f.Leave(m, "jp-interpreter", "us-interpreter")
	if err != nil || slices.Contains(p.Next.Sides[0].Interpreters, "us-interpreter") {
		t.Errorf("%v interpret: %v", p.Next.Sides[0].Interpreters, err)
	}
}
