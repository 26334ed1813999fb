package notifications

import (
	"context"

	"plenary.example/services/notifications/internal/push"
)

// Device is one phone of a seed.
type Device = push.Device

// A Seed is the phones of a conference, to be brought in at once.
type Seed struct {
	Conference string
	Devices    []Device
}

// Load brings in phones. A delegate who has phones already keeps those.
func (s *Service) Load(ctx context.Context, seed Seed) error {
	return s.devices.Add(ctx, seed.Conference, seed.Devices)
}
