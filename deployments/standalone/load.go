package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"plenary.example/deployments/engines/fcmsandbox"
	"plenary.example/deployments/standalone/internal/sample"
	"plenary.example/shared/bus"
	"plenary.example/shared/httpd"
	"plenary.example/shared/lifecycle"
	"plenary.example/shared/store"
)

// loaded is the note a folder keeps of a sample it holds: enough to make the
// same one again for the printed codes. It is written when all of the sample
// is in, so a first start that was interrupted loads again; loading what is
// there changes nothing.
type loaded struct {
	Seed uint64    `json:"seed"`
	Size int       `json:"size"`
	At   time.Time `json:"at"` // the moment at which the conference clock showed 08:00
}

// loadSample sees to it that the folder holds the conference asked for.
func (h *house) loadSample(ctx context.Context) error {
	if h.set.Conference == "" {
		return nil
	}
	note := loaded{Seed: h.set.Seed, Size: h.set.Size, At: time.Now()}
	path := filepath.Join(h.set.Data, "sample-"+h.set.Conference+".json")
	text, err := os.ReadFile(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	switch {
	case fresh:
	case err != nil:
		return fmt.Errorf("load the sample: %w", err)
	default:
		if err := json.Unmarshal(text, &note); err != nil {
			return fmt.Errorf("load the sample: %s: %w", path, err)
		}
	}
	c, err := sample.Make(h.set.Conference, note.Seed, note.Size)
	if err != nil {
		return err
	}
	h.sample, h.opened = c, note.At
	if !fresh {
		return nil
	}
	if err := h.load(ctx, c); err != nil {
		return err
	}
	if h.sandbox != nil {
		if err := describe(h.sandbox, c); err != nil {
			return fmt.Errorf("load the sample: %w", err)
		}
	}
	if text, err = json.Marshal(note); err != nil {
		return fmt.Errorf("load the sample: %w", err)
	}
	if err := replaceFile(path, append(text, '\n')); err != nil {
		return fmt.Errorf("load the sample: %w", err)
	}
	return nil
}

// load brings a sample into started services, people first: what the agenda
// tells about picks concerns delegates who exist.
func (s services) load(ctx context.Context, c sample.Conference) error {
	if err := s.delegates.Load(ctx, delegatesOf(c)); err != nil {
		return fmt.Errorf("load %s: %w", c.ID, err)
	}
	if err := s.notifications.Load(ctx, phonesOf(c)); err != nil {
		return fmt.Errorf("load %s: %w", c.ID, err)
	}
	if err := s.agenda.Load(ctx, agendaOf(c)); err != nil {
		return fmt.Errorf("load %s: %w", c.ID, err)
	}
	return nil
}

// load is `standalone load`: a sample for services that run alone. Services
// that are running already hear of it as of any other change.
func load(ctx context.Context, s settings, conference string, log *slog.Logger, out io.Writer) (err error) {
	var missing []error
	for _, need := range [][2]string{
		{"MONGODB_URI", s.MongoURI}, {"NATS_URL", s.NATSURL}, {"PLENARY_SECRET", s.Secret}, {"FCM_ENDPOINT", s.FCMEndpoint + s.Project},
	} {
		if need[1] == "" {
			missing = append(missing, fmt.Errorf("%s is not set", need[0]))
		}
	}
	if err := errors.Join(missing...); err != nil {
		return err
	}
	c, err := sample.Make(conference, s.Seed, s.Size)
	if err != nil {
		return err
	}
	var stack lifecycle.Stack
	defer func() { err = errors.Join(err, stack.Stop(context.WithoutCancel(ctx))) }()
	s.People.BootstrapConference = "" // a sample brings its own secretariat
	all, err := wire(s, s.Secret, httpd.NewRegistry(), log, bus.Config{URL: s.NATSURL}, func(database string) store.Config {
		return store.Config{URI: s.MongoURI, Database: database}
	})
	if err != nil {
		return err
	}
	if err := all.start(ctx, &stack); err != nil {
		return err
	}
	if err := all.load(ctx, c); err != nil {
		return err
	}
	for _, role := range roles {
		d := oneOf(c, role)
		if _, err := fmt.Fprintf(out, "%-11s   %s   %s\n", role, d.Accreditation, d.ActivationCode); err != nil {
			return err
		}
	}
	return nil
}

// describe tells the sandbox whose the sample's phones are.
func describe(box *fcmsandbox.Sandbox, c sample.Conference) error {
	people := make(map[string]sample.Delegate, len(c.Delegates))
	for _, d := range c.Delegates {
		people[d.ID] = d
	}
	for _, phone := range c.Devices {
		d := people[phone.Delegate]
		if err := box.Describe(phone.Token, fcmsandbox.Owner{
			Delegate: d.Name + " · " + d.Accreditation, Device: phone.Platform + " · " + phone.Locale,
		}); err != nil {
			return err
		}
	}
	return nil
}
