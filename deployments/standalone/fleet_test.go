package main

import (
	"context"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"plenary.example/deployments/engines/enginestest"
	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/deployments/standalone/internal/sample"
)

// A fleet is Plenary as it runs in production: the engines, the agenda, the delegates
// and several replicas of the notifications, each a process that may be killed and
// begun anew. The carrier outlives them all, and where the engines and the services
// are reached stays the same.
type fleet struct {
	*testing.T
	carrier *fcmsandbox.Sandbox
	sample  sample.Conference
	url     string // of the API
	bus     string // URL of the bus

	data        string // folder of the engines
	environment []string
	doors       map[string]*relay // of the engines, by the setting that names them

	mu      sync.Mutex
	running map[string]*process // by member
	address map[string]string   // of a member that is up
}

// members are the processes that are killed, with the command of each.
var members = map[string]string{
	"engines": "", "agenda": "agenda", "delegates": "delegates",
	"notifications 1": "notifications", "notifications 2": "notifications", "notifications 3": "notifications",
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{
		T: t, carrier: fcmsandbox.New(fcmsandbox.Config{Latency: 80 * time.Millisecond}), data: enginestest.Folder(t),
		doors: map[string]*relay{}, running: map[string]*process{}, address: map[string]string{},
	}
	if err := f.carrier.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.carrier.Stop(context.Background()) })
	engines, settings := enginesOnly(t, f.data)
	f.running["engines"] = engines
	for _, name := range []string{"MONGODB_URI", "NATS_URL"} {
		where, err := url.Parse(settings[name])
		if err != nil {
			t.Fatal(err)
		}
		f.doors[name] = newRelay(t)
		f.doors[name].lead(where.Host)
		where.Host = f.doors[name].Addr().String()
		settings[name] = where.String()
	}
	settings["FCM_ENDPOINT"], settings["RATE_LIMIT"], f.bus = f.carrier.Endpoint(), "off", settings["NATS_URL"]
	f.sample, f.environment = loads(t, settings)
	for member := range members {
		if member != "engines" {
			f.begin(member)
		}
	}
	for member := range members {
		f.await(member)
	}
	f.url = proxyTo(t, f.where)
	return f
}

// begin starts a member; await waits until it is up.
func (f *fleet) begin(member string) {
	f.Helper()
	if member == "engines" {
		engines, settings := enginesOnly(f, f.data)
		for name, door := range f.doors {
			where, err := url.Parse(settings[name])
			if err != nil {
				f.Fatal(err)
			}
			door.lead(where.Host)
		}
		f.running[member] = engines
		return
	}
	f.running[member] = startProcess(f, members[member], nil, f.environment...)
}

func (f *fleet) await(member string) {
	f.Helper()
	if member == "engines" {
		return // it has said where it is
	}
	at := f.running[member].line(f, members[member]+" listens on")
	f.mu.Lock()
	defer f.mu.Unlock()
	f.address[member] = at
}

// kill ends a member as kill -9 does, and begins it anew.
func (f *fleet) kill(member string) {
	f.Helper()
	p := f.running[member]
	select {
	case <-p.ended:
		f.Fatalf("%s ended by itself: %v", member, p.err)
	default:
	}
	_ = p.cmd.Process.Kill()
	<-p.ended
	f.mu.Lock()
	delete(f.address, member)
	f.mu.Unlock()
	f.begin(member)
}

// where is the address of a service, of any replica that is up; empty without one.
func (f *fleet) where(service string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for member, address := range f.address { // in any order
		if members[member] == service {
			return address
		}
	}
	return ""
}

// ofService are the members that run a service's command.
func ofService(service string) (all []string) {
	for member, command := range members {
		if command == service {
			all = append(all, member)
		}
	}
	slices.Sort(all)
	return all
}

// A relay is an address that leads to another, which may change.
type relay struct {
	net.Listener
	mu sync.Mutex
	to string
}

func newRelay(t *testing.T) *relay {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l}
	t.Cleanup(func() { _ = l.Close() })
	go r.serve(t.Context())
	return r
}

func (r *relay) lead(to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = to
}

func (r *relay) serve(ctx context.Context) {
	for {
		near, err := r.Accept()
		if err != nil {
			return // closed
		}
		r.mu.Lock()
		to := r.to
		r.mu.Unlock()
		far, err := new(net.Dialer).DialContext(ctx, "tcp", to)
		if err != nil {
			_ = near.Close() // as nobody is there
			continue
		}
		for _, pipe := range [][2]net.Conn{{near, far}, {far, near}} {
			go func() {
				_, _ = io.Copy(pipe[0], pipe[1]) // until either is closed
				_, _ = pipe[0].Close(), pipe[1].Close()
			}()
		}
	}
}
