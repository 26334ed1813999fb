package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"plenary.example/deployments/engines"
)

// serveEngines is `standalone engines`: what services that run alone need
// around them, until ctx ends. It prints the settings to give to them, as a
// shell takes them. The phones page is served by the sandbox's own port.
func serveEngines(ctx context.Context, s settings, log *slog.Logger, out io.Writer) (err error) {
	h := &house{set: s, log: log}
	defer func() { err = errors.Join(err, h.close()) }()
	h.engines, err = engines.Start(ctx, engines.Config{
		Dir: s.Data, NATSListen: s.NATSListen, StoreListen: s.StoreListen, Log: log,
	})
	if err != nil {
		return err
	}
	h.stack.Push("engines", h.engines.Stop)
	if _, err := secretIn(s.Data); err != nil {
		return err
	}
	if err := h.openSandbox(ctx, s.FCMListen); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "export MONGODB_URI=%s\nexport NATS_URL=%s\nexport FCM_ENDPOINT=%s\nexport PLENARY_SECRET=\"$(cat '%s')\"\n",
		h.engines.StoreURI(), h.engines.NATSURL(), h.sandbox.Endpoint(), filepath.Join(s.Data, "secret"))
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
