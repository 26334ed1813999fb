package main

import (
	"fmt"
	"slices"
)

// meeting asks for a bilateral meeting, holds it, changes it and calls it off, and
// is refused at each step.
func (o *office) meeting(desk string) {
	var liaisons []string
	var delegations []string
	for _, d := range o.sample.Delegates {
		if len(liaisons) < 2 && slices.Contains(d.Roles, "liaison") && !slices.Contains(d.Roles, "secretariat") && !slices.Contains(delegations, d.Delegation) {
			liaisons, delegations = append(liaisons, o.signInWith(d)), append(delegations, d.Delegation)
		}
	}
	asks, asked := liaisons[0], liaisons[1]
	found := o.call(200, asks, "GET {c}/meeting-slots?level=expert&with="+delegations[1], "")
	at := found.one(o, "items", "0", "startsAt")
	body := func(n string) string {
		return fmt.Sprintf(`{"delegation":%q,"level":"expert","topic":%q,"note":%q,"slots":[{"startsAt":%q}]}`, delegations[1],
			o.secret("the topic of a meeting", "Feldspar quarrels "+n), o.secret("a note of a meeting", "Not a word about chalcedony "+n), at)
	}
	asking := body("one")
	got := o.call(201, asks, "POST {c}/meetings", asking, "Idempotency-Key: meeting-chalcedony-0001")
	o.call(201, asks, "POST {c}/meetings", asking, "Idempotency-Key: meeting-chalcedony-0001")
	o.refused(asks, "POST {c}/meetings", body("two"), "Idempotency-Key: meeting-chalcedony-0001")
	rival := o.call(201, asks, "POST {c}/meetings", body("three"))
	meeting, tag := "{c}/meetings/"+got.one(o, "id"), "If-Match: "+got.Header.Get("ETag")

	reason := func(n string) string {
		return fmt.Sprintf(`{"reason":%q}`, o.secret("a reason", "Because of the malachite "+n))
	}
	o.refused(asked, "POST "+meeting+"/cancel", reason("too soon"), tag)
	o.refused(asks, "POST "+meeting+"/decline", reason("of one's own"), tag)
	o.call(200, asked, "POST "+meeting+"/accept", `{}`, tag)
	o.refused(asked, "POST "+meeting+"/accept", `{}`, tag)
	o.refused(asked, "POST {c}/meetings/"+rival.one(o, "id")+"/accept", `{}`, "If-Match: "+rival.Header.Get("ETag"))
	o.call(200, asked, "POST {c}/meetings/"+rival.one(o, "id")+"/decline", reason("of it"), "If-Match: "+rival.Header.Get("ETag"))
	o.refused(o.signInWith(oneOf(o.sample, "delegate")), "GET "+meeting, "")
	read := o.call(200, desk, "GET "+meeting, "")
	o.call(200, asks, "GET "+meeting+"/history", "")
	o.call(200, asks, "POST "+meeting+"/cancel", reason("after all"), "If-Match: "+read.Header.Get("ETag"))
	o.call(200, asks, "GET {c}/meetings", "")
	o.call(200, asked, "GET /v1/me/inbox", "")
}
