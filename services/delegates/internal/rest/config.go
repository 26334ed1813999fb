package rest

import (
	"context"

	"plenary.example/services/delegates/internal/rest/api"
)

// App is what apps are told before they sign in.
type App struct {
	MinVersions map[string]string // by ios, android and web
	Features    []string
}

// apiVersion is that of the specification.
const apiVersion = "1.0.0"

// GetConfig answers GET /v1/config.
func (h signInHandler) GetConfig(context.Context, api.GetConfigRequestObject) (api.GetConfigResponseObject, error) {
	oldest := func(app string) string {
		if v := h.room.App.MinVersions[app]; v != "" {
			return v
		}
		return "0"
	}
	return api.GetConfig200JSONResponse{
		Headers: api.GetConfig200ResponseHeaders{CacheControl: "public, max-age=60"},
		Body: api.AppConfig{
			MinVersions: api.MinVersions{Ios: oldest("ios"), Android: oldest("android"), Web: oldest("web")},
			Features:    append([]string{}, h.room.App.Features...), ServerTime: h.room.Now().UTC(), APIVersion: apiVersion,
		},
	}, nil
}
