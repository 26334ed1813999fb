package operator

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/services/notifications/internal/dispatch"
	"plenary.example/shared/bus"
	"plenary.example/shared/problem"
)

const (
	answerWithin = 10 * time.Second
	page         = 50
	longest      = 200 // characters of a reason
)

// A Door is what stands behind the routes.
type Door struct {
	// Replica is the one whose figures these are.
	Replica  string
	Switches *Switches
	Figures  func(context.Context) (dispatch.Figures, error)
	// Letters lists what was put aside, newest first.
	Letters func(ctx context.Context, before uint64, limit int) ([]bus.Dead, bool, error)
	// Letter finds one, and Bury removes it for good.
	Letter func(ctx context.Context, sequence uint64) (bus.Dead, bool, error)
	Bury   func(ctx context.Context, sequence uint64) error
	// Replay does again what a letter was to bring about. Own tells whether it
	// can: other services' letters are theirs.
	Replay func(context.Context, bus.Dead) (any, error)
	Own    func(from string) bool
	// Token is what callers must show; empty is nothing. Exposed says that others
	// than this machine reach the listener: without a token nobody gets in then.
	Token   string
	Exposed bool
	Log     *slog.Logger
}

// Mount adds the routes to the app of the metrics.
func (d *Door) Mount(app fiber.Router) {
	app.Get("/carriers", d.guarded(d.carriers))
	app.Post("/carriers/:name/pause", d.guarded(d.turn(true)))
	app.Post("/carriers/:name/resume", d.guarded(d.turn(false)))
	app.Get("/dead-letters", d.guarded(d.letters))
	app.Post("/dead-letters/:id/replay", d.guarded(d.replay))
}

// Local tells whether only this machine reaches a listener on host:port.
func Local(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		host = listen
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// guarded lets operators in. Where no token is asked for, a page in the browser of
// somebody on this machine must not be taken for one: it shows itself by an Origin,
// or by a host that is not this machine's.
func (d *Door) guarded(next func(context.Context, *fiber.Ctx) (any, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := d.admit(c); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(c.UserContext(), answerWithin)
		defer cancel()
		answer, err := next(ctx, c)
		if err != nil {
			if problem.Is(err, problem.Internal) {
				d.Log.Error("operator not served", "route", c.Route().Path, "err", err)
			}
			return err
		}
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.JSON(answer)
	}
}

func (d *Door) admit(c *fiber.Ctx) error {
	if d.Token != "" {
		shown, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
		if !ok || subtle.ConstantTimeCompare([]byte(shown), []byte(d.Token)) != 1 {
			return problem.New(problem.Unauthenticated, "token_invalid", "Show the operators' token.")
		}
		return nil
	}
	switch {
	case d.Exposed:
		return problem.New(problem.Forbidden, "operator_token_unset", "This listener is not of this machine alone: set OPERATOR_TOKEN.")
	case c.Get(fiber.HeaderOrigin) != "", !Local(string(c.Request().Host())): // as it was asked for, whatever a proxy would say
		return problem.New(problem.Forbidden, "not_an_operator", "Pages of the web are not let in here.")
	}
	return nil
}

// A carrierState is a carrier as an operator sees it.
type carrierState struct {
	dispatch.CarrierFigures
	Paused   bool      `json:"paused"`
	PausedAt time.Time `json:"pausedAt,omitzero"`
	Reason   string    `json:"reason,omitempty"`
}

type carriersAnswer struct {
	Replica  string         `json:"replica"`
	Carriers []carrierState `json:"carriers"`
	dispatch.Figures
}

func (d *Door) carriers(ctx context.Context, _ *fiber.Ctx) (any, error) {
	f, err := d.Figures(ctx)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "queue_unreachable", "The queue does not answer.").Because(err)
	}
	out := carriersAnswer{Replica: d.Replica, Figures: f}
	for _, c := range f.Carriers {
		state := carrierState{CarrierFigures: c}
		if x := d.Switches.Of(c.Name); x.Paused {
			state.Paused, state.PausedAt, state.Reason = true, x.At, x.Reason
		}
		out.Carriers = append(out.Carriers, state)
	}
	return out, nil
}

func (d *Door) turn(paused bool) func(context.Context, *fiber.Ctx) (any, error) {
	return func(ctx context.Context, c *fiber.Ctx) (any, error) {
		var why struct {
			Reason string `json:"reason"`
		}
		if body := c.Body(); len(body) > 0 {
			if err := json.Unmarshal(body, &why); err != nil || len(why.Reason) > longest {
				return nil, problem.New(problem.Malformed, "malformed_request", "The body is not {\"reason\": …} of at most %d bytes.", longest)
			}
		}
		name := strings.Clone(c.Params("name"))
		x, err := d.Switches.Turn(ctx, name, paused, why.Reason)
		if err != nil {
			return nil, err
		}
		d.Log.Warn("an operator turned a carrier", "carrier", x.Name, "paused", x.Paused, "reason", x.Reason)
		state := map[string]any{"name": x.Name, "paused": x.Paused}
		if x.Paused {
			state["pausedAt"], state["reason"] = x.At, x.Reason
		}
		return state, nil
	}
}

// A letter is a dead letter as an operator sees it: what it was, and not what is
// in it.
type letter struct {
	ID         string    `json:"id"`
	From       string    `json:"from"`
	Reason     string    `json:"reason"`
	At         time.Time `json:"at"`
	Bytes      int       `json:"bytes"`
	About      string    `json:"about,omitempty"`
	Replayable bool      `json:"replayable"`
}

func (d *Door) letters(ctx context.Context, c *fiber.Ctx) (any, error) {
	before, err := strconv.ParseUint(c.Query("before", "0"), 10, 64)
	if err != nil {
		return nil, problem.New(problem.Malformed, "bad_parameter", "before is the id of a dead letter.")
	}
	all, more, err := d.Letters(ctx, before, page)
	if err != nil {
		return nil, err
	}
	items := make([]letter, 0, len(all))
	for _, x := range all {
		items = append(items, letter{
			ID: strconv.FormatUint(x.Sequence, 10), From: x.From, Reason: x.Reason, At: x.At.UTC(), Bytes: len(x.Data),
			About: about(x.Data), Replayable: d.Own(x.From),
		})
	}
	return map[string]any{"items": items, "hasMore": more}, nil
}

// about names the notice or the event that a letter carries; empty for what is
// neither.
func about(data []byte) string {
	var x struct {
		Notice string `json:"notice"`
		Type   string `json:"type"`
		ID     string `json:"id"`
	}
	if json.Unmarshal(data, &x) != nil {
		return ""
	}
	if x.Notice != "" {
		return x.Notice
	}
	return strings.TrimSpace(x.Type + " " + x.ID)
}

func (d *Door) replay(ctx context.Context, c *fiber.Ctx) (any, error) {
	sequence, err := strconv.ParseUint(c.Params("id"), 10, 64)
	if err != nil {
		return nil, problem.Hidden()
	}
	x, ok, err := d.Letter(ctx, sequence)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, problem.Hidden()
	}
	if !d.Own(x.From) {
		return nil, problem.New(problem.Conflict, "not_ours", "%s is not of this service.", x.From)
	}
	done, err := d.Replay(ctx, x)
	if err != nil {
		return nil, err
	}
	d.Log.Warn("an operator had a dead letter sent again", "letter", sequence, "from", x.From, "about", about(x.Data))
	return done, d.Bury(ctx, sequence)
}
