package httpd_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"plenary.example/shared/httpd"
)

func TestStopRightAfterStartDoesNotHang(t *testing.T) {
	t.Parallel()
	for range 200 {
		app, _ := quiet(httpd.Config{})
		s := httpd.NewServer(app)
		if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		addr := s.Addr()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if err := s.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.Stop(ctx); err != nil {
			t.Fatalf("a second Stop: %v", err)
		}
		cancel()
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			t.Fatal("still accepting after Stop")
		}
	}
}

func TestStopBeforeStartIsNothing(t *testing.T) {
	t.Parallel()
	if err := httpd.NewServer(fiber.New()).Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStopDoesNotWaitForConnectionsThatNeverSpoke(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{})
	app.Get("/", func(*fiber.Ctx) error { return nil })
	s := httpd.NewServer(app)
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	get(t, "http://"+s.Addr()+"/") // by now the silent one has been accepted too
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestStopLetsARequestUnderWayEnd(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	app, _ := quiet(httpd.Config{})
	app.Get("/slow", func(c *fiber.Ctx) error {
		close(entered)
		<-leave
		return c.SendString("done")
	})
	s := httpd.NewServer(app)
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	answered := make(chan string, 1)
	go func() { answered <- get(t, "http://"+s.Addr()+"/slow") }()
	<-entered

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Stop(ctx); err == nil {
		t.Error("Stop returned while a request was under way and did not say so")
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop(context.Background()) }()
	close(leave)
	if got := <-answered; got != "done" {
		t.Errorf("answer %q", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("second Stop = %v", err)
	}
}

func TestStopClosesIdleConnections(t *testing.T) {
	t.Parallel()
	app, _ := quiet(httpd.Config{})
	httpd.Health(app, func(context.Context) error { return nil })
	s := httpd.NewServer(app)
	if err := s.Start(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}} // keeps its connection
	res, err := client.Get("http://" + s.Addr() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}
