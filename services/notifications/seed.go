package notifications

import (
	"context"

	"plenary.example/services/notifications/internal/devices"
	"plenary.example/services/notifications/internal/push"
	"plenary.example/shared/event"
)

// The words of a seed are the words of a push.
type (
	// Device is one phone; when it was registered is set by loading.
	Device = push.Device
	// Token is its FCM address.
	Token = push.Token
	// Platform is its kind: android, ios or web.
	Platform = push.Platform
)

// A Seed is the phones of a conference, to be brought in at once.
type Seed struct {
	Conference string
	Devices    []Device
}

// Load brings in phones. A delegate who has phones already keeps those.
func (s *Service) Load(ctx context.Context, seed Seed) error {
	return s.devices.Add(ctx, seed.Conference, seed.Devices)
}

// devicesChanged tells the siblings that a delegate's phones are others now.
func (s *Service) devicesChanged(h devices.Holder) {
	s.tellSiblings(event.DevicesStateSubject(h.Conference, h.Delegate), h.Revision)
}
