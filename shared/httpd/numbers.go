package httpd

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"plenary.example/shared/lifecycle"
)

// Show shows numbers to operators until the stack is stopped.
func Show(registry prometheus.Registerer, until *lifecycle.Stack, numbers ...prometheus.Collector) error {
	for _, n := range numbers {
		if err := registry.Register(n); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
		until.Until("metrics", func() { registry.Unregister(n) })
	}
	return nil
}
