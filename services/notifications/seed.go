package notifications

import (
	"context"
	"encoding/json"
	"time"

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
// A hint that is lost costs a push, not an inbox; it must not fail the request.
func (s *Service) devicesChanged(h devices.Holder) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	data, err := json.Marshal(map[string]int64{"revision": h.Revision})
	if err == nil {
		err = s.bus.PutState(ctx, event.DevicesStateSubject(h.Conference, h.Delegate), h.Revision, data)
	}
	if err != nil {
		s.log.Warn("siblings not told of a phone", "err", err)
	}
}
