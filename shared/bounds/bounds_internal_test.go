package bounds

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// plant makes a module of one room that imports via, which imports deep; via
// is another room of ours.
func plant(room, via, deep string) module {
	return module{
		rooms: []string{house + room},
		packages: map[string]listed{
			house + room: {Imports: []string{via}},
			via:          {Imports: []string{deep}},
			deep:         {Standard: !strings.Contains(deep, ".")},
		},
	}
}

func TestRulesFindPlantedImports(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		room, deep string
		wants      bool
	}{
		{"the domain knows no router", "services/agenda/internal/programme", "github.com/gofiber/fiber/v2", true},
		{"nor the web", "services/agenda/internal/meeting", "net/http", true},
		{"but the time", "services/agenda/internal/programme", "time", false},
		{"a log value may know a logger below it", "services/notifications/internal/push", "log", false},
		{"words need only the standard library", "shared/problem", "github.com/google/uuid", true},
		{"and not the web", "shared/caller", "net/http", true},
		{"the bus knows no store", "shared/bus", "go.mongodb.org/mongo-driver/v2/mongo", true},
		{"HTTP knows no bus", "shared/httpd", "github.com/nats-io/nats.go", true},
		{"handlers know no store", "services/agenda/internal/rest", house + "services/agenda/internal/mongostore", true},
		{"nor does the inbox", "services/notifications/internal/inbox", house + "services/notifications/internal/mongostore", true},
		{"the carrier knows no events", "services/notifications/internal/fcm", house + "shared/event", true},
		{"dispatch may use the bus", "services/notifications/internal/dispatch", house + "shared/bus", false},
		{"a doorway carries no tests", "services/delegates", "testing", true},
		{"nor engines", "services/delegates", house + "deployments/engines", true},
		{"nor does a command", "services/agenda/cmd/agenda", "testing", true},
		{"nor does the standalone binary", "deployments/standalone", "net/http/httptest", true},
		{"a new service is bound too", "services/protocol/internal/rest", "github.com/nats-io/nats.go", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			faults := plant(tt.room, house+"somewhere", tt.deep).imports(rules)
			if (len(faults) > 0) != tt.wants {
				t.Errorf("%s importing %s by way of another: faults %q", tt.room, tt.deep, faults)
			}
		})
	}
}

func TestPasskeysStayInTheirRoom(t *testing.T) {
	t.Parallel()
	for room, wants := range map[string]bool{
		"services/delegates/internal/passkey": false, "services/delegates/internal/rest": true, "services/delegates": true, "shared/httpd": true,
	} {
		m := module{rooms: []string{house + room}, packages: map[string]listed{house + room: {Imports: []string{"github.com/go-webauthn/webauthn/protocol"}}}}
		if faults := m.imports(rules); (len(faults) > 0) != wants {
			t.Errorf("%s: faults %q", room, faults)
		}
	}
	if faults := plant("services/delegates", house+"services/delegates/internal/passkey", "github.com/go-webauthn/webauthn/webauthn").imports(rules); len(faults) > 0 {
		t.Errorf("the doorway, by way of the room: %q", faults)
	}
}

// TestWhatOthersImportIsTheirAffair: Fiber imports testing, and every service
// imports Fiber.
func TestWhatOthersImportIsTheirAffair(t *testing.T) {
	t.Parallel()
	if faults := plant("services/agenda", "github.com/gofiber/fiber/v2/utils", "testing").imports(rules); len(faults) > 0 {
		t.Errorf("a service with Fiber: %q", faults)
	}
}

func TestAMainImportsItsServiceAndNoMore(t *testing.T) {
	t.Parallel()
	room := house + "services/agenda/cmd/agenda"
	imports := func(paths ...string) module {
		m := module{rooms: []string{room}, packages: map[string]listed{room: {Imports: paths}}}
		m.packages["os"] = listed{Standard: true}
		m.packages[house+"services/agenda"] = listed{Imports: []string{"go.mongodb.org/mongo-driver/v2/mongo"}}
		return m
	}
	if faults := imports("os", house+"services/agenda", house+"shared/lifecycle").imports(rules); len(faults) > 0 {
		t.Errorf("the doorway is refused: %q", faults)
	}
	if faults := imports(house + "shared/bus").imports(rules); len(faults) != 1 {
		t.Errorf("faults of a main with a bus = %q, want one", faults)
	}
}

func TestSourcesFindPlantedFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, room, code string
		want             string
	}{
		{"the environment", "shared/httpd", `var a = os.Getenv("A")`, "only main reads the environment"},
		{"init", "shared/httpd", `func init() {}`, "init function"},
		{"package state", "services/agenda", `var cache = map[string]int{}`, "keeps cache in the package"},
		{"a sentinel is no state", "services/agenda", `var ErrStale = errors.New("stale")`, ""},
		{"a log line in the domain", "services/agenda/internal/programme", `func f() { slog.Info("moved") }`, "the edge logs it"},
		{"a log value", "services/agenda/internal/programme", `func f() slog.Value { return slog.StringValue("x") }`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, "x.go", "// Package x is planted.\npackage x\n"+tt.code, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			room := house + tt.room
			m := module{rooms: []string{room}, files: map[string][]source{room: {{"x.go", tree, set}}}}
			got := strings.Join(m.sources(), "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("faults %q, want one with %q", got, tt.want)
			}
		})
	}
}
