package fcm

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// guest is the token of sandboxes, which take anybody.
type guest struct{}

func (guest) Token() (*oauth2.Token, error) {
	return &oauth2.Token{AccessToken: "sandbox", TokenType: "Bearer"}, nil
}

// credentials is one source of access tokens for all transports: without it
// each of them would fetch its own.
type credentials struct {
	ctx     context.Context // of token requests; the library keeps one
	file    string
	project string

	mu     sync.Mutex
	text   []byte
	source oauth2.TokenSource
}

// A tokenError tells that the request never left, because we have no access
// token.
type tokenError struct{ cause error }

func (e *tokenError) Error() string { return "no access token: " + e.cause.Error() }
func (e *tokenError) Unwrap() error { return e.cause }

func readCredentials(ctx context.Context, file string) (*credentials, error) {
	// The library fetches tokens outside the deadline of any send, under a lock
	// all senders share: it needs a deadline of its own.
	ctx = context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, &http.Client{Timeout: 8 * time.Second})
	c := &credentials{ctx: ctx, file: file}
	return c, c.refresh()
}

// refresh reads the file and, when it changed, forgets the tokens of the old
// one. After an error the old ones stay.
func (c *credentials) refresh() error {
	text, err := os.ReadFile(c.file)
	if err != nil {
		return fmt.Errorf("read credentials: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.source != nil && bytes.Equal(text, c.text) {
		return nil
	}
	found, err := google.CredentialsFromJSONWithType(c.ctx, text, google.ServiceAccount, scope)
	if err != nil {
		return fmt.Errorf("read credentials %s: %w", c.file, err)
	}
	c.text, c.source, c.project = text, found.TokenSource, found.ProjectID
	return nil
}

// Token returns an access token, fetched when the last one is over.
func (c *credentials) Token() (*oauth2.Token, error) {
	c.mu.Lock()
	source := c.source
	c.mu.Unlock()
	t, err := source.Token()
	if err != nil {
		return nil, &tokenError{err}
	}
	return t, nil
}
