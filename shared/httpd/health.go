package httpd

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/shared/problem"
)

const (
	healthPath = "/healthz"
	readyPath  = "/readyz"

	readyTimeout = 2 * time.Second
)

// Health adds /healthz, which answers as long as the process does, and /readyz,
// which answers 503 while ready returns an error: send no traffic, but do not
// kill. What is wrong shows in the log, not in the answer.
func Health(app *fiber.App, ready func(context.Context) error) {
	app.Get(healthPath, func(c *fiber.Ctx) error {
		return c.JSON(fiber.Map{"status": "alive"})
	})
	app.Get(readyPath, func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), readyTimeout)
		defer cancel()
		if err := ready(ctx); err != nil {
			return problem.New(problem.Unavailable, "not_ready", "Not ready to serve.").After(time.Second).Because(err)
		}
		return c.JSON(fiber.Map{"status": "ready"})
	})
}
