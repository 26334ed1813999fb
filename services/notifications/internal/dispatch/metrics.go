package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/services/notifications/internal/push"
)

// Why a push was not sent, as plenary_pushes_total counts it beside outcomes.
const (
	// Superseded is what is no longer so, or was told anew; a Gate may say it too.
	Superseded = "superseded"

	dropExpired   = "expired"    // the news is stale
	dropGone      = "gone"       // the phone is
	dropNotTheirs = "not_theirs" // the phone changed hands
)

// metrics is what an operator sees of the sending.
type metrics struct {
	pushes *prometheus.CounterVec
	by     map[push.Outcome]prometheus.Counter
	putOff prometheus.Counter
	dead   prometheus.Counter
	pruned *prometheus.CounterVec
	paused *prometheus.GaugeVec
	d      *Dispatcher
	depth  *prometheus.Desc
	age    *prometheus.Desc
	rate   *prometheus.Desc
	ratio  *prometheus.Desc
}

func newMetrics() *metrics {
	m := &metrics{
		pushes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "plenary_pushes_total", Help: "Pushes by what became of them: an answer of the carrier, or why none was asked for.",
		}, []string{"outcome"}),
		putOff: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "plenary_pushes_put_off_total", Help: "Pushes that were put off to be tried again.",
		}),
		dead: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "plenary_push_dead_letters_total", Help: "Push jobs put among the dead letters.",
		}),
		pruned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "plenary_push_tokens_pruned_total", Help: "Phones forgotten, by why: what the carrier said of the token, or stale.",
		}, []string{"reason"}),
		paused: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "plenary_push_paused", Help: "1 while sending is stopped because the carrier, or a platform's gateway, refuses us.",
		}, []string{"scope"}),
		depth: prometheus.NewDesc("plenary_push_queue_jobs", "Push jobs that are not done, by lane; later = waiting for their time.", []string{"lane"}, nil),
		age:   prometheus.NewDesc("plenary_push_queue_age_seconds", "Age of the oldest push job that is not done, by lane.", []string{"lane"}, nil),
		rate:  prometheus.NewDesc("plenary_push_rate_limit", "Sends a second this replica allows itself.", nil, nil),
		ratio: prometheus.NewDesc("plenary_push_dead_token_ratio", "Part of the last sends that met a dead or foreign token.", nil, nil),
		by:    map[push.Outcome]prometheus.Counter{},
	}
	for _, o := range push.Outcomes() {
		m.by[o] = m.pushes.WithLabelValues(o.String())
	}
	for _, why := range []string{dropExpired, Superseded, dropGone, dropNotTheirs} {
		m.pushes.WithLabelValues(why)
	}
	m.paused.WithLabelValues("carrier")
	return m
}

func (m *metrics) watch(d *Dispatcher) {
	m.d = d
	d.platforms.gauge = func(p push.Platform, v float64) { m.paused.WithLabelValues(string(p)).Set(v) }
}

func (m *metrics) count(o push.Outcome) { m.by[o].Inc() }

// Pruned counts phones that were forgotten.
func (d *Dispatcher) Pruned(reason string, n int) {
	d.metrics.pruned.WithLabelValues(reason).Add(float64(n))
	d.tally.prune(reason, int64(n))
}

func (m *metrics) drop(why string) { m.pushes.WithLabelValues(why).Inc() }

// Describe implements prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range []prometheus.Collector{m.pushes, m.putOff, m.dead, m.pruned, m.paused} {
		c.Describe(ch)
	}
	for _, d := range []*prometheus.Desc{m.depth, m.age, m.rate, m.ratio} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. The queue's figures are asked for
// when somebody looks; a bus that does not answer leaves them out.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	for _, c := range []prometheus.Collector{m.pushes, m.putOff, m.dead, m.pruned, m.paused} {
		c.Collect(ch)
	}
	ch <- prometheus.MustNewConstMetric(m.rate, prometheus.GaugeValue, m.d.pace.current())
	ch <- prometheus.MustNewConstMetric(m.ratio, prometheus.GaugeValue, m.d.ratios.deadPart())
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	st, err := m.d.cfg.JS.Stream(ctx, stream)
	if err != nil {
		return
	}
	for _, lane := range push.Lanes() {
		m.lane(ctx, st, string(lane), sendTo+string(lane), ch)
	}
	m.lane(ctx, st, "later", laterTo+">", ch)
}

func (m *metrics) lane(ctx context.Context, st jetstream.Stream, name, subject string, ch chan<- prometheus.Metric) {
	jobs, age, err := depth(ctx, st, name, subject)
	if err != nil {
		return
	}
	ch <- prometheus.MustNewConstMetric(m.depth, prometheus.GaugeValue, float64(jobs), name)
	ch <- prometheus.MustNewConstMetric(m.age, prometheus.GaugeValue, age, name)
}

// depth is how many jobs of a lane are not done, and the age of the oldest in
// seconds. What waits for its time has none.
func depth(ctx context.Context, st jetstream.Stream, name, subject string) (jobs uint64, age float64, err error) {
	info, err := st.Info(ctx, jetstream.WithSubjectFilter(subject))
	if err != nil {
		return 0, 0, err
	}
	for _, n := range info.State.Subjects {
		jobs += n
	}
	if jobs > 0 && name != "later" {
		if first, err := st.GetMsg(ctx, 1, jetstream.WithGetMsgSubject(subject)); err == nil {
			age = time.Since(first.Time).Seconds()
		}
	}
	return jobs, age, nil
}

// ratios watches what part of the tokens is dead, because above 5 % FCM refuses
// quota, or foreign, because then an app was built for another project.
type ratios struct {
	log     *slog.Logger
	mu      sync.Mutex
	last    [1000]push.Outcome // a ring of the sends that tell something of the token
	n       int
	dead    int
	foreign int
	alarmed map[string]bool
}

const (
	enough       = 300
	deadAlarm    = 0.03
	foreignAlarm = 0.01
)

func newRatios(log *slog.Logger) *ratios { return &ratios{log: log, alarmed: map[string]bool{}} }

func (r *ratios) add(o push.Outcome) {
	if o != push.Accepted && !o.Forget() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.n % len(r.last)
	r.weigh(r.last[at], -1)
	r.last[at] = o
	r.weigh(o, 1)
	r.n++
	r.alarm("push_dead_tokens", r.dead, deadAlarm)
	r.alarm("push_foreign_tokens", r.foreign, foreignAlarm)
}

func (r *ratios) weigh(o push.Outcome, by int) {
	if o.Forget() {
		r.dead += by
	}
	if o == push.SenderMismatch {
		r.foreign += by
	}
}

// alarm speaks once when the part is passed, and again after it fell.
func (r *ratios) alarm(name string, count int, above float64) {
	seen := min(r.n, len(r.last))
	part := float64(count) / float64(seen)
	switch {
	case seen >= enough && part > above && !r.alarmed[name]:
		r.alarmed[name] = true
		r.log.Error("many push tokens are refused", "alarm", name, "part", part)
	case part < above/2:
		r.alarmed[name] = false
	}
}

func (r *ratios) deadPart() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return float64(r.dead) / float64(max(1, min(r.n, len(r.last))))
}
