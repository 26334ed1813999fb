package store

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"plenary.example/shared/problem"
)

// TestAStoreThatWasInterruptedRanOutOfTime: the embedded store ends what takes
// longer than the driver allowed it, a moment before the context is over.
func TestAStoreThatWasInterruptedRanOutOfTime(t *testing.T) {
	t.Parallel()
	client, err := mongo.Connect()
	if err != nil {
		t.Fatal(err)
	}
	c := &Collection{client.Database("d").Collection("c")}
	for _, test := range []struct {
		said mongo.CommandError
		want bool
	}{
		{mongo.CommandError{Code: 1, Name: "InternalError", Message: "[db.go:134 fsql.(*DB).InTransaction] interrupted (9)"}, true},
		{mongo.CommandError{Code: 50, Name: "MaxTimeMSExpired"}, true},
		{mongo.CommandError{Code: 1, Name: "InternalError", Message: "disk I/O error (10)"}, false},
	} {
		if got := errors.Is(c.failed("read from", test.said), context.DeadlineExceeded); got != test.want {
			t.Errorf("%v is out of time: %t", test.said, got)
		}
	}
}

func TestAStoreThatCannotBeReachedIsUnavailable(t *testing.T) {
	t.Parallel()
	client, err := mongo.Connect()
	if err != nil {
		t.Fatal(err)
	}
	c := &Collection{client.Database("d").Collection("c")}
	broken := mongo.CommandError{Message: "connection reset", Labels: []string{"NetworkError"}}
	if err := c.failed("read from", broken); !problem.Is(err, problem.Unavailable) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a broken connection is %v", err)
	}
	if err := c.failed("read from", mongo.CommandError{Code: 1, Message: "disk I/O error (10)"}); problem.Is(err, problem.Unavailable) {
		t.Errorf("a broken store is %v", err)
	}
}
