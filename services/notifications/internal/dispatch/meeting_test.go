package dispatch

import (
	"slices"
	"testing"

	"plenary.example/services/notifications/internal/push"
)

// News of a meeting for one side does not make old what waits for the other.
func TestOfAMeetingEverybodyGetsTheNewestThatIsTheirs(t *testing.T) {
	r := setup(t)
	d, reg := r.worker(r.js)
	phones := r.desk.phones(2, push.Android)
	asking, asked := phones[:1], phones[1:]
	meeting := push.Subject{Kind: push.Meeting, ID: "m"}
	first := r.desk.fileOf(meeting, 1, push.Important, phones)
	second := r.desk.fileOf(meeting, 2, push.Important, asked)
	third := r.desk.fileOf(meeting, 3, push.Important, asking)
	for _, n := range []struct {
		notice push.Notice
		who    []string
	}{{first, phones}, {second, asked}, {third, asking}} {
		r.enqueue(d, n.notice, n.who)
	}
	r.drained()
	told := func(phone string) (revisions []int64) {
		for _, m := range r.told()[phone] {
			revisions = append(revisions, m.Revision)
		}
		return revisions
	}
	if a, b := told(asking[0]), told(asked[0]); !slices.Equal(a, []int64{3}) || !slices.Equal(b, []int64{2}) {
		t.Errorf("one side was told %v and the other %v, want their newest, 3 and 2", a, b)
	}
	if c := counted(t, reg, "superseded"); c != 2 {
		t.Errorf("%v pushes were superseded, want the first, for both", c)
	}
}

func TestAReminderIsForThoseItWasFiledForUntilTheyHearAnythingElse(t *testing.T) {
	r := setup(t)
	phones := r.desk.phones(4, push.Android)
	meeting := push.Subject{Kind: push.Meeting, ID: "m"}
	known := r.desk.fileOf(meeting, 1, push.Important, phones)
	reminder := r.desk.remind(meeting, 1, phones[:3])
	changed := r.desk.fileOf(meeting, 1, push.Important, phones[:1]) // at the same revision, told late
	switchedOff := r.desk.fileOf(meeting, 2, push.Important, phones[2:3])
	r.gate = func(n push.Notice, _ push.Device) (v push.Verdict) {
		if n.Key == switchedOff.Key {
			v.Drop = "off"
		}
		return v
	}
	d, reg := r.worker(r.js)
	r.enqueue(d, reminder, phones)
	r.enqueue(d, changed, phones[:1])
	r.drained()
	for i, want := range []string{changed.ID, reminder.ID, reminder.ID, ""} {
		got := ""
		for _, m := range r.told()[phones[i]] {
			got += m.NoticeID
		}
		if got != want {
			t.Errorf("phone %d was told %q, want %q", i, got, want)
		}
	}
	if s, n := counted(t, reg, "superseded"), counted(t, reg, "not_theirs"); s != 1 || n != 1 {
		t.Errorf("%v pushes were superseded and %v not theirs, want one and one", s, n)
	}
	if known.Reminds() || !reminder.Reminds() {
		t.Error("news and reminders are not told apart")
	}
}

// Two replicas send to one phone: which of their pushes came last, neither knows.
func TestNewsThatOvertookAnotherReplicaIsToldOnceMore(t *testing.T) {
	r := setup(t)
	d, _ := r.worker(r.js)
	phone := r.desk.phones(1, push.Android)
	older := r.desk.file("opening", 1, push.Important, phone)
	newer := r.desk.file("opening", 2, push.Important, phone)
	d.told.set(phone[0], newer)
	for of, want := range map[string]string{d.id: Superseded, "another": ""} {
		job := push.Job{Overtaken: true, OvertakenAt: of, Installations: phone}
		_, n, silent, drop := d.wanted(task{job, older, phone[0]})
		if drop != want || drop == "" && (n.Key != newer.Key || !silent) {
			t.Errorf("overtaken at %s: %s, silent %v, is dropped as %q", of, n.Key, silent, drop)
		}
	}
}
