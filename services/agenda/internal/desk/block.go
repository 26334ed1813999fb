package desk

import "context"

// Holders of claims that are no meeting's.
const (
	blockPrefix  = "block/"
	agendaHolder = "agenda"
)

// A Block keeps a room from meetings.
type Block struct{}

func (d *Desk) blockStands(context.Context, *conference, Claim) (standing, error) { return held, nil }

func (d *Desk) agendaStands(context.Context, *conference, Claim) (standing, error) { return held, nil }
