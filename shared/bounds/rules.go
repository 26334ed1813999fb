package bounds

import (
	"path"
	"slices"
	"strings"
)

// house is what every import path of ours begins with.
const house = "plenary.example/"

// Technologies by the import paths they come under. A name that ends in a
// slash, or stands before one, covers everything below it.
var (
	fiber = []string{"github.com/gofiber/", "github.com/valyala/fasthttp"}
	mongo = []string{"go.mongodb.org/", house + "shared/store"}
	nats  = []string{"github.com/nats-io/", house + "shared/bus"}
	// Not protobuf, with which Prometheus writes its numbers.
	google   = []string{"firebase.google.com/", "cloud.google.com/", "google.golang.org/api/", "google.golang.org/grpc/"}
	web      = []string{"net/http"}
	services = []string{house + "services/"}
	engines  = []string{house + "deployments/"}
)

// domain is the rooms that hold the rules of a conference.
var domain = []string{
	"services/*/internal/programme", "services/*/internal/draft", "services/*/internal/meeting",
	"services/*/internal/delegate", "services/*/internal/push",
}

// programs is the rooms that end up in what people run.
var programs = []string{
	"services/...", "deployments/standalone/...", "deployments/engines", "deployments/engines/front", "deployments/engines/fcmsandbox",
	"shared/event", "shared/problem", "shared/caller", "shared/lifecycle", "shared/bus", "shared/store", "shared/httpd", "shared/revocation",
	"shared/directory",
}

// A rule keeps one kind of room from knowing what it must not.
type rule struct {
	rooms   []string // folders below house, path.Match patterns; "/..." covers what is below too
	except  []string // of those; patterns too
	never   [][]string
	only    []string // when set, everything else outside the standard library is forbidden
	reach   reach
	because string
}

// A reach says how far a rule follows imports.
type reach uint8

const (
	everywhere reach = iota // through all packages
	throughUs               // through ours: what another's package imports is its own affair
	direct                  // the room's own import lines
)

var rules = []rule{
	{
		rooms: programs, reach: throughUs, // Fiber imports testing itself
		never:   [][]string{{"testing", "net/http/httptest", "github.com/descope/virtualwebauthn"}},
		because: "a program does not carry its tests",
	},
	{
		rooms: programs, never: [][]string{{house + "shared/client", house + "shared/bounds"}},
		because: "services share facts through events; the client is for tests and rehearsals",
	},
	{
		rooms: []string{"shared/event", "shared/problem", "shared/caller", "shared/lifecycle"},
		only:  []string{}, never: [][]string{web},
		because: "the words both sides agree on need nothing but the standard library",
	},
	{
		rooms: []string{"shared/bus"}, never: [][]string{fiber, mongo, services, engines},
		because: "the bus carries envelopes and knows neither stores nor routes",
	},
	{
		rooms: []string{"shared/store"}, never: [][]string{fiber, nats, services, engines},
		because: "the store keeps documents; who publishes their outbox is handed in",
	},
	{
		rooms: []string{"shared/directory"}, never: [][]string{fiber, mongo, nats, services, engines},
		because: "names live in memory; over what they are asked for is handed in",
	},
	{
		rooms: []string{"shared/httpd"}, never: [][]string{nats, mongo, services, engines},
		because: "HTTP is an edge; behind it stands whoever the service says",
	},
	{
		rooms: []string{"shared/revocation"}, never: [][]string{mongo, services, engines},
		because: "revocation carries from the bus to the edge, whosever they are",
	},
	{
		rooms: []string{"services/*/..."}, never: [][]string{engines},
		because: "a service runs against real servers; the engines are for tests and the standalone binary",
	},
	{
		rooms: []string{"services/*/cmd/*"}, reach: direct,
		only:    []string{house + "services/*", house + "shared/lifecycle"},
		because: "main says four things: signal, config, run, exit",
	},
	{
		rooms: domain, never: [][]string{fiber, mongo, nats, google},
		because: "the rules of a conference know no technology",
	},
	{
		rooms: domain, reach: throughUs, // the library that reads calendars could also fetch one
		never:   [][]string{web},
		because: "the rules of a conference know no technology",
	},
	{
		rooms: domain, reach: direct, never: [][]string{{"log"}}, // log/slog has it below, for LogValue
		because: "the domain says what happened, the edge logs it",
	},
	{
		rooms: []string{"services/*/internal/schedulefile"}, never: [][]string{fiber, mongo, nats},
		because: "reading a foreign file is a function from bytes to sessions",
	},
	{
		rooms: []string{"services/*/internal/schedulefile"}, reach: throughUs, never: [][]string{web},
		because: "reading a foreign file is a function from bytes to sessions",
	},
	{
		rooms:   []string{"services/*/internal/rest", "services/*/internal/rest/..."},
		never:   [][]string{nats, google, {house + "services/*/internal/mongostore", house + "services/*/internal/fcm"}},
		because: "a handler parses, calls the domain and renders",
	},
	{
		rooms: []string{"services/*/internal/mongostore", "services/*/internal/ledger"}, never: [][]string{fiber, nats},
		because: "documents are kept the same way whoever asks",
	},
	{
		rooms:   []string{"services/*/internal/inbox", "services/*/internal/dispatch"},
		never:   [][]string{fiber, google, {house + "services/*/internal/mongostore", house + "services/*/internal/fcm"}},
		because: "events in, notices out; the carrier and the store are small interfaces",
	},
	{
		rooms: []string{"services/*/internal/fcm"},
		never: [][]string{mongo, nats, {
			house + "shared/event", house + "services/*/internal/dispatch", house + "services/*/internal/mongostore",
		}},
		because: "the carrier's room knows Google's wire format and nothing of ours but the message",
	},
	{
		rooms: programs, except: []string{"services/*/internal/passkey"}, reach: direct,
		never:   [][]string{{"github.com/go-webauthn/"}},
		because: "the ceremonies of passkeys, and what they bring along, stay in one room",
	},
	{
		rooms: []string{"deployments/engines"}, never: [][]string{services, {house + "shared/bus"}},
		because: "the engines are the servers a cluster has outside; they do not know who uses them",
	},
}

// covers says whether the rule is about the room with this import path.
func (r rule) covers(room string) bool {
	covers := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return match(house+p, room) })
	}
	return covers(r.rooms) && !covers(r.except)
}

// forbids says whether a room of the rule must not import this path.
func (r rule) forbids(imported string, standard bool) bool {
	for _, technology := range r.never {
		for _, name := range technology {
			if below(name, imported) {
				return true
			}
		}
	}
	if r.only == nil || standard {
		return false
	}
	for _, allowed := range r.only {
		if match(allowed, imported) {
			return false
		}
	}
	return true
}

// match compares an import path with a pattern; "x/..." is x and all below.
func match(pattern, p string) bool {
	stem, deep := strings.CutSuffix(pattern, "/...")
	if !deep {
		ok, _ := path.Match(pattern, p)
		return ok
	}
	parts := strings.Split(p, "/")
	n := strings.Count(stem, "/") + 1
	if len(parts) < n {
		return false
	}
	ok, _ := path.Match(stem, strings.Join(parts[:n], "/"))
	return ok
}

// below says whether p is the named package or lies below it. "log" and
// "testing" name one package each: their neighbours log/slog and
// testing/fstest are other things, the latter forbidden by its own import of testing.
func below(name, p string) bool {
	switch name {
	case "log", "testing":
		return p == name
	}
	return match(strings.TrimSuffix(name, "/")+"/...", p)
}
