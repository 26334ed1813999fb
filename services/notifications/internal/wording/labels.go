package wording

import (
	"golang.org/x/text/language"

	"plenary.example/services/notifications/internal/push"
)

// label is what stands on a button in one language.
type label struct {
	tag  language.Tag
	says map[push.Action]string
}

// labels are for browsers, which cannot name a button by themselves as an app
// does. A machine made all but the English; the first is the one to fall back on.
var labels = []label{
	{language.English, map[push.Action]string{push.Acknowledge: "Acknowledge"}},
	{language.French, map[push.Action]string{push.Acknowledge: "Bien reçu"}},
	{language.Spanish, map[push.Action]string{push.Acknowledge: "Recibido"}},
	{language.Russian, map[push.Action]string{push.Acknowledge: "Принято"}},
	{language.Arabic, map[push.Action]string{push.Acknowledge: "تم الاطلاع"}},
	{language.Chinese, map[push.Action]string{push.Acknowledge: "已知悉"}},
	{language.Korean, map[push.Action]string{push.Acknowledge: "확인했습니다"}},
	{language.Hungarian, map[push.Action]string{push.Acknowledge: "Tudomásul vettem"}},
	{language.Dutch, map[push.Action]string{push.Acknowledge: "Gelezen"}},
}

var labelled = func() language.Matcher {
	tags := make([]language.Tag, 0, len(labels))
	for _, l := range labels {
		tags = append(tags, l.tag)
	}
	return language.NewMatcher(tags)
}()

// Labels are the words for those of the actions that have any, for a locale.
func Labels(of []push.Action, locale string) map[push.Action]string {
	_, index := language.MatchStrings(labelled, locale)
	said := map[push.Action]string{}
	for _, a := range of {
		if word := labels[index].says[a]; word != "" {
			said[a] = word
		}
	}
	return said
}
