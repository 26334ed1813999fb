package sample

// duties gives the panels a chair each, who are the heads of the guests'
// delegations in turn, and the first ceremony a stream.
func (e *edition) duties() {
	guest, streamed := 0, false
	for i := range e.Sessions {
		s := &e.Sessions[i]
		switch {
		case s.Kind == "panel" && len(e.Delegations) > 1:
			guest++
			s.Chair = e.Delegations[1+guest%(len(e.Delegations)-1)].Head
		case s.Kind == "ceremony" && !streamed:
			s.Stream, streamed = "https://live.example.org/"+e.ID+"/opening", true
		}
	}
}
