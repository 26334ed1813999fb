package sample

import "strconv"

// stones and birds make the names of persons who do not exist.
var (
	stones = [...]string{
		"Agate", "Alabaster", "Amber", "Amethyst", "Aquamarine", "Azurite", "Basalt", "Beryl",
		"Borax", "Bronze", "Calcite", "Carnelian", "Chalk", "Cinnabar", "Citrine", "Cobalt",
		"Copper", "Coral", "Corundum", "Diorite", "Dolomite", "Emery", "Epidote", "Feldspar",
		"Flint", "Fluorite", "Galena", "Garnet", "Gneiss", "Granite", "Graphite", "Gypsum",
		"Halite", "Hematite", "Jade", "Jasper", "Kyanite", "Lapis", "Limestone", "Magnetite",
		"Malachite", "Marble", "Mica", "Moonstone", "Obsidian", "Olivine", "Onyx", "Opal",
		"Peridot", "Porphyry", "Pumice", "Pyrite", "Quartz", "Sandstone", "Sapphire", "Schist",
		"Selenite", "Serpentine", "Silica", "Slate", "Spinel", "Topaz", "Tourmaline", "Zircon",
	}
	birds = [...]string{
		"Avocet", "Bittern", "Blackcap", "Brambling", "Bunting", "Bustard", "Buzzard", "Chaffinch",
		"Chough", "Coot", "Cormorant", "Corncrake", "Crane", "Crossbill", "Cuckoo", "Curlew",
		"Dabchick", "Dipper", "Dotterel", "Dunlin", "Dunnock", "Eider", "Fieldfare", "Firecrest",
		"Fulmar", "Gadwall", "Gannet", "Godwit", "Goldfinch", "Goosander", "Grebe", "Greenshank",
		"Guillemot", "Harrier", "Heron", "Hobby", "Hoopoe", "Jackdaw", "Kestrel", "Kingfisher",
		"Kittiwake", "Knot", "Lapwing", "Linnet", "Merlin", "Nightjar", "Nuthatch", "Osprey",
		"Ouzel", "Petrel", "Pintail", "Plover", "Pochard", "Ptarmigan", "Puffin", "Redshank",
		"Sandpiper", "Shearwater", "Siskin", "Tern", "Turnstone", "Wagtail", "Whimbrel", "Wryneck",
	}
)

// nameOrder is n different names in an order of chance. Beyond every pair of
// stone and bird they carry a number.
func nameOrder(m maker, n int) []string {
	names := make([]string, 0, n+len(stones)*len(birds))
	for round := 1; len(names) < n; round++ {
		suffix := ""
		if round > 1 {
			suffix = " " + strconv.Itoa(round)
		}
		from := len(names)
		for _, s := range stones {
			for _, b := range birds {
				names = append(names, s+" "+b+suffix)
			}
		}
		fresh := names[from:]
		m.dice("names "+strconv.Itoa(round)).Shuffle(len(fresh), func(i, j int) { fresh[i], fresh[j] = fresh[j], fresh[i] })
	}
	return names[:n]
}

// organisations do not exist either: a byname and a purpose.
var (
	bynames = [...]Text{
		{"en": "Meridian", "ko": "메리디안"},
		{"en": "Lantern", "ko": "랜턴"},
		{"en": "Harbour", "ko": "하버"},
		{"en": "Compass", "ko": "컴퍼스"},
		{"en": "Keystone", "ko": "키스톤"},
		{"en": "Juniper", "ko": "주니퍼"},
		{"en": "Tidewater", "ko": "타이드워터"},
		{"en": "Northlight", "ko": "노스라이트"},
		{"en": "Saffron", "ko": "사프란"},
		{"en": "Orchard", "ko": "오차드"},
		{"en": "Heather", "ko": "헤더"},
		{"en": "Causeway", "ko": "코즈웨이"},
		{"en": "Larkspur", "ko": "라크스퍼"},
	}
	purposes = [...]Text{
		{"en": "Institute for Open Networks", "ko": "열린네트워크연구소"},
		{"en": "Forum on Digital Trust", "ko": "디지털신뢰포럼"},
		{"en": "Union of Exchange Points", "ko": "교환점연합"},
		{"en": "Council for Children Online", "ko": "온라인아동협의회"},
		{"en": "Fund for Connectivity", "ko": "연결성기금"},
		{"en": "Association of Response Teams", "ko": "대응팀협회"},
		{"en": "Centre for Cyber Norms", "ko": "사이버규범센터"},
		{"en": "Alliance for Digital Skills", "ko": "디지털역량연대"},
		{"en": "Library of Standards", "ko": "표준도서관"},
		{"en": "Society for Plain Language", "ko": "쉬운언어학회"},
	}
)

// organisation is the nth invented organisation, all different up to 130; the
// two lists are walked at different paces so that neighbours share no word.
func organisation(n int) Text {
	by, purpose := bynames[n%len(bynames)], purposes[n%len(purposes)]
	suffix := ""
	if round := n / (len(bynames) * len(purposes)); round > 0 {
		suffix = " " + strconv.Itoa(round+1)
	}
	return Text{"en": by["en"] + " " + purpose["en"] + suffix, "ko": by["ko"] + " " + purpose["ko"] + suffix}
}
