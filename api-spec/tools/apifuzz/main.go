// Apifuzz sends a server what its specification allows, and what it forbids,
// and looks for answers the specification does not allow. It knows six faults:
//
//	broken      a 5xx, or no answer at all
//	accepted    input the specification forbids, answered with success
//	refused     input the specification allows, answered 400, 415 or 422
//	schema      an answer whose body or headers break their schema
//	undeclared  a status the operation does not have
//	media-type  an answer of another media type than declared, such as a problem that calls itself JSON
//
// Some answers to valid input are right and no faults: any other declared 4xx
// (the session has begun, the revision has been passed, there is no such id); a
// 400 or 422 whose code, or that of every place, the description of the operation
// or of a parameter names, for rules no schema can say; and a declared 503 with Retry-After, which a server gives that was
// asked for a revision it has not heard of.
//
// The same seed sends the same requests. It changes what it can reach: the
// server must be one on this machine that nobody needs.
//
//	apifuzz -spec openapi.yaml -base http://127.0.0.1:8080 -token T -seed 1 -n 20 \
//	  -value conference=seoul-2013 -value session=ID -value session=ID
//
// With -sign-in instead of -token it signs in by itself, and anew whenever an
// operation has ended the sign-in it asked with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"time"
)

// config is what the flags say.
type config struct {
	spec, base, token string
	signIn            string // what to sign in with, when there is no token or it has ended
	seed              uint64
	n                 int // requests per operation
	known             values
}

// values are things that exist, by the name of the parameter or member that
// takes them; without any, every answer would be 404.
type values map[string][]string

// String implements flag.Value.
func (v values) String() string { return fmt.Sprint(map[string][]string(v)) }

// Set implements flag.Value.
func (v values) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok {
		return errors.New("want name=value")
	}
	v[name] = append(v[name], value)
	return nil
}

func main() {
	c := config{known: values{}}
	flag.StringVar(&c.spec, "spec", "../dist/openapi.yaml", "the bundled `document`")
	flag.StringVar(&c.base, "base", "http://127.0.0.1:8080", "`URL` of the server, on this machine")
	flag.StringVar(&c.token, "token", "", "access `token` of somebody who may do everything")
	flag.StringVar(&c.signIn, "sign-in", "", "`body` of a sign-in of that somebody, instead of a token; some operations end sign-ins")
	flag.Uint64Var(&c.seed, "seed", 1, "which requests to send")
	flag.IntVar(&c.n, "n", 20, "how many requests to send to each operation")
	flag.Var(c.known, "value", "`name=value` of something that exists; may be repeated")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	findings, err := run(ctx, c, os.Stdout)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "apifuzz:", err)
		os.Exit(2)
	case len(findings) > 0:
		os.Exit(1)
	}
}

// run sends everything and reports to w.
func run(ctx context.Context, c config, w io.Writer) ([]finding, error) {
	if err := loopback(c.base); err != nil {
		return nil, err
	}
	d, err := load(c.spec, c.base)
	if err != nil {
		return nil, err
	}
	f := &fuzzer{
		config: c, document: d, dice: newDice(c.seed, c.known), etags: make(map[string]string), statuses: make(map[string]map[int]int),
		client: &http.Client{Timeout: 15 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	if f.signIn != "" {
		if err := f.renew(ctx); err != nil {
			return nil, err
		}
	}
	if err := f.all(ctx); err != nil {
		return nil, err
	}
	f.report(w)
	return f.findings, f.useless()
}

// loopback refuses every server but one on this machine: what is sent here is
// no way to treat somebody else's.
func loopback(base string) error {
	u, err := url.Parse(base)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s is not on this machine", base)
	}
	return nil
}
