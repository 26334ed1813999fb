package main

import (
	"fmt"
	"strings"
	"time"

	"plenary.example/deployments/standalone/internal/sample"
)

// A place is what a newcomer is told: where everything is.
type place struct {
	URL     string // of the API, without /v1
	Metrics string // URL, "" = none
	Data    string
	Sandbox bool // the phones page is ours
	Sample  sample.Conference
	Now     time.Time // on the conference's clock
	// The code of the first secretariat person of the conference Bootstrap, once.
	Bootstrap, Code string
}

// welcome is what a newcomer reads first: what is where, who they may be, and
// what to paste into a shell to see a phone buzz.
func welcome(p place) string {
	c := p.Sample
	var b strings.Builder
	if c.ID == "" {
		fmt.Fprintf(&b, "\nPlenary is up, without a sample conference.\n\n")
	} else {
		fmt.Fprintf(&b, "\nPlenary is up with a sample: %s, %d delegates, %d sessions.\n", c.Name["en"], len(c.Delegates), len(c.Sessions))
		fmt.Fprintf(&b, "By the conference's own clock it is %s.\n\n", p.Now.Format("15:04 on Monday 2 January 2006 (MST)"))
	}
	fmt.Fprintf(&b, "  API docs   %s/\n  API        %s/v1/\n", p.URL, p.URL)
	if p.Sandbox {
		fmt.Fprintf(&b, "  Phones     %s/sandbox/   what each phone received, live\n", p.URL)
	}
	if p.Metrics != "" {
		fmt.Fprintf(&b, "  Metrics    %s\n", p.Metrics)
	}
	fmt.Fprintf(&b, "  State      %s   stop and remove it to begin again\n\n", p.Data)
	if p.Code != "" {
		fmt.Fprintf(&b, "Nobody could run %s yet. Sign in with accreditation BOOTSTRAP and activation code %s.\n", p.Bootstrap, p.Code)
		fmt.Fprintf(&b, "It is good once and is not shown again.\n\n")
	}
	if c.ID == "" {
		return b.String()
	}
	fmt.Fprintf(&b, "  Who           Accreditation   Activation code\n")
	for _, role := range roles {
		d := oneOf(c, role)
		fmt.Fprintf(&b, "  %-11s   %-13s   %s\n", role, d.Accreditation, d.ActivationCode)
	}
	if len(c.Sessions) == 0 {
		return b.String() + importStory(p)
	}
	return b.String() + buzzStory(p)
}

// roles are those a sample has, each printed with one person's code.
var roles = []string{"delegate", "liaison", "secretariat", "desk"}

// oneOf is the first delegate whose chief role this is. The one for "delegate"
// has no other and two phones, because two are better to watch.
func oneOf(c sample.Conference, role string) sample.Delegate {
	phones := map[string]int{}
	for _, d := range c.Devices {
		phones[d.Delegate]++
	}
	var found sample.Delegate
	for _, d := range c.Delegates {
		switch {
		case d.Roles[len(d.Roles)-1] != role || d.Languages[0] != "en" && role == "delegate":
		case role != "delegate" || phones[d.ID] > 1:
			return d
		case found.ID == "":
			found = d
		}
	}
	return found
}

// moved is the session the story moves, and where to: the last panel that is
// still to come, a quarter of an hour later.
func moved(c sample.Conference) (sample.Session, time.Time) {
	var last sample.Session
	for _, s := range c.Sessions {
		if s.Kind == "panel" {
			last = s
		}
	}
	return last, last.Start.Add(15 * time.Minute)
}

// signIn is the shell function both stories begin with.
const signIn = `  API=%[1]s/v1
  token() { curl -fsS $API/sign-ins -H 'Content-Type: application/json' \
    -d "{\"conference\":\"%[2]s\",\"accreditation\":\"$1\",\"activationCode\":\"$2\"}" |
    sed 's/.*"accessToken":"\([^"]*\)".*/\1/'; }
`

func buzzStory(p place) string {
	c := p.Sample
	s, to := moved(c)
	delegate, secretariat := oneOf(c, "delegate"), oneOf(c, "secretariat")
	var b strings.Builder
	if !p.Now.Before(s.Start) {
		fmt.Fprintf(&b, "\nThe conference's days are past on its clock; remove the state to begin again.\n\n")
		return b.String()
	}
	fmt.Fprintf(&b, "\nMake a phone buzz: open the phones page and look for %s, then paste into a shell:\n\n", strings.ToLower(delegate.Accreditation))
	fmt.Fprintf(&b, signIn, p.URL, c.ID)
	fmt.Fprintf(&b, `
  # 1. A delegate and the secretariat sign in.
  DELEGATE=$(token %s %s) SECRETARIAT=$(token %s %s)
`, delegate.Accreditation, delegate.ActivationCode, secretariat.Accreditation, secretariat.ActivationCode)
	fmt.Fprintf(&b, `
  # 2. The delegate picks "%s".
  SESSION=%s
  curl -fsS -X PUT $API/me/picks/$SESSION -H "Authorization: Bearer $DELEGATE"
`, s.Title["en"], s.ID)
	fmt.Fprintf(&b, `
  # 3. The secretariat moves it by a quarter of an hour, from the revision it has read.
  PANEL=$API/conferences/%s/sessions/$SESSION
  etag() { curl -fsS -D - -o /dev/null $PANEL -H "Authorization: Bearer $SECRETARIAT" |
    sed -n 's/^[Ee][Tt]ag: *\("[^"]*"\).*/\1/p'; }
  curl -fsS -X PATCH $PANEL -H "Authorization: Bearer $SECRETARIAT" -H "If-Match: $(etag)" \
    -H 'Content-Type: application/merge-patch+json' \
    -d '{"startsAt":"%s","reason":"The session before runs over"}'; echo
`, c.ID, to.UTC().Format(time.RFC3339))
	fmt.Fprintf(&b, `
  # The news is in the delegate's inbox a moment later, whether or not a phone was on.
  until curl -fsS "$API/me/inbox?limit=3" -H "Authorization: Bearer $DELEGATE" | grep session.moved; do sleep 0.2; done

`)
	return b.String()
}

func importStory(p place) string {
	c := p.Sample
	secretariat := oneOf(c, "secretariat")
	var b strings.Builder
	fmt.Fprintf(&b, "\nThe conference is empty. Bring a schedule of its days as schedule.json: import it, look at\n")
	fmt.Fprintf(&b, "what it changes, release it. schedule.xml is application/xml, iCalendar text/calendar.\n\n")
	fmt.Fprintf(&b, signIn, p.URL, c.ID)
	fmt.Fprintf(&b, `
  # 1. The secretariat signs in and imports the file into the draft, where nobody else sees it.
  HERE=$API/conferences/%s SECRETARIAT=$(token %s %s)
  curl -fsS -X POST $HERE/imports -H "Authorization: Bearer $SECRETARIAT" \
    -H "Idempotency-Key: $(date +%%s)-first-import" -H 'Content-Type: application/json' --data-binary @schedule.json; echo

  # 2. What would change, and how many people would hear of it?
  curl -fsS $HERE/draft/changes -H "Authorization: Bearer $SECRETARIAT"; echo

  # 3. Release it, from the draft that was read.
  etag() { curl -fsS -D - -o /dev/null $HERE/draft -H "Authorization: Bearer $SECRETARIAT" |
    sed -n 's/^[Ee][Tt]ag: *\("[^"]*"\).*/\1/p'; }
  curl -sS -X POST $HERE/draft/release -H "Authorization: Bearer $SECRETARIAT" -H "If-Match: $(etag)" \
    -H 'Content-Type: application/json' -d '{"note":"The programme"}'; echo

  # Now it is everybody's.
  curl -fsS $HERE/agenda -H "Authorization: Bearer $SECRETARIAT"; echo

`, c.ID, secretariat.Accreditation, secretariat.ActivationCode)
	return b.String()
}
