package participants

import (
	"golang.org/x/text/language"
)

// wording is what a printed list says besides names.
type wording struct {
	Tag    string // of these words
	Title  string
	Number string // a format for it
	Head   string
	Erased string
}

// wordings are by language; a list in any other speaks English around its names.
func wordings() []wording {
	return []wording{
		{"en", "Provisional list of participants", "No. %d", "Head of delegation", "removed"},
		{"ar", "القائمة المؤقتة بأسماء المشاركين", "رقم %d", "رئيس الوفد", "حُذف"},
		{"de", "Vorläufige Teilnehmerliste", "Nr. %d", "Delegationsleitung", "entfernt"},
		{"es", "Lista provisional de participantes", "N.º %d", "Jefatura de la delegación", "retirado"},
		{"fr", "Liste provisoire des participants", "Nº %d", "Chef de délégation", "retiré"},
		{"hu", "A résztvevők előzetes névsora", "%d. szám", "Delegációvezető", "törölve"},
		{"ko", "참가자 잠정 명단", "제%d호", "수석대표", "삭제됨"},
		{"ru", "Предварительный список участников", "№ %d", "Глава делегации", "удалено"},
		{"zh", "与会者临时名单", "第%d号", "代表团团长", "已删除"},
	}
}

// wordingIn is the wording that suits a language best.
func wordingIn(tag string) wording {
	all := wordings()
	tags := make([]language.Tag, len(all))
	for i, w := range all {
		tags[i] = language.Make(w.Tag)
	}
	_, i, confidence := language.NewMatcher(tags).Match(language.Make(tag))
	if confidence < language.High {
		return all[0]
	}
	return all[i]
}

// rightToLeft says how a page in a language runs.
func rightToLeft(tag string) bool {
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg":
		return true
	}
	return false
}
