package participants_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"plenary.example/services/delegates/internal/participants"
)

// named are delegations of those designations in a language, each of one person.
// Their ids are in the opposite order, and their codes nowhere.
func named(tag string, designations ...string) participants.Contents {
	var c participants.Contents
	for i, d := range designations {
		id := fmt.Sprintf("g%03d", 999-i)
		c.Groups = append(c.Groups, participants.Group{ID: id, Designation: map[string]string{tag: d}, Kind: "state"})
		c.People = append(c.People, participants.Person{ID: "p" + id, Delegation: id, Name: d})
	}
	slices.Reverse(c.Groups)
	return c
}

func TestDelegationsComeAsTheLanguageSorts(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string][]string{
		"en": {"Åland Islands", "Albania", "Costa Rica", "Côte d’Ivoire", "Croatia", "United Kingdom", "Zambia"},
		"fr": {"Corée", "Costa Rica", "Côte d’Ivoire", "Croatie", "Danemark", "Égypte", "Espagne", "États-Unis"},
		"de": {"Afghanistan", "Ägypten", "Albanien", "Norwegen", "Österreich", "Pakistan", "Ungarn"},
		"sv": {"Albanien", "Norge", "Zambia", "Åland", "Ägypten", "Österrike"},
		"hu": {"Ciprus", "Curaçao", "Csád", "Csehország", "Dánia", "Olaszország", "Örményország", "Zambia", "Zsombor"},
		"ko": {"가나", "네덜란드", "대한민국", "독일", "미국", "헝가리"},
		"ru": {"Австрия", "Венгрия", "Корея", "Япония"},
	} {
		var got []string
		for _, s := range named(tag, want...).Sections(tag, participants.Everybody) {
			got = append(got, s.Designation)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestTheHeadIsFirstThenRankThenName(t *testing.T) {
	t.Parallel()
	c := participants.Contents{Groups: []participants.Group{{ID: "g", Designation: map[string]string{"hu": "Magyarország"}}}}
	for _, p := range []participants.Person{
		{ID: "1", Name: "Zrínyi Ilona"},
		{ID: "2", Name: "Erased", Erased: true, Head: true},
		{ID: "3", Name: "Csaba Béla", Rank: "expert"},
		{ID: "4", Name: "Cukor Béla", Rank: "expert"},
		{ID: "5", Name: "Kovács Éva", Rank: "minister"},
		{ID: "6", Name: "Dr Anna Ádám", SortName: "Ádám Anna", Rank: "expert"},
		{ID: "7", Name: "Szabó Pál", Rank: "expert", Head: true},
		{ID: "8", Name: "Zrínyi Ilona"},
	} {
		p.Delegation = "g"
		c.People = append(c.People, p)
	}
	var got string
	for _, p := range c.Sections("hu", participants.Everybody)[0].People {
		got += p.ID
	}
	if got != "75643182" {
		t.Errorf("people come as %s", got)
	}
}

func TestADesignationIsInTheNearestLanguageThereIs(t *testing.T) {
	t.Parallel()
	c := named("fr", "Corée")
	c.Groups[0].Designation["en"], c.Groups[0].Designation["zh-Hant"] = "Korea", "韓國"
	for tag, want := range map[string]string{"fr-CA": "Corée fr", "hu": "Korea en", "zh-Hant-TW": "韓國 zh-Hant", "en-GB": "Korea en"} {
		s := c.Sections(tag, participants.Everybody)[0]
		if got := s.Designation + " " + s.Language; got != want {
			t.Errorf("in %s: %s, want %s", tag, got, want)
		}
	}
}

func TestEachAudienceSeesWhoAgreed(t *testing.T) {
	t.Parallel()
	c := participants.Contents{
		Groups: []participants.Group{{ID: "g", Designation: map[string]string{"en": "G"}}, {ID: "h", Designation: map[string]string{"en": "H"}}},
		People: []participants.Person{
			{ID: "nobody", Name: "Nobody", Delegation: "h"},
			{ID: "participants", Name: "Inside", Delegation: "g", Participants: true},
			{ID: "public", Name: "Outside", Delegation: "g", Public: true},
		},
	}
	for to, want := range map[participants.Audience]string{
		participants.Everybody: "participants public nobody", participants.Participants: "participants", participants.Public: "public",
	} {
		var got []string
		for _, s := range c.Sections("en", to) {
			for _, p := range s.People {
				got = append(got, p.ID)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", to, got)
		}
	}
}

// written are names of many scripts, and of people who mean harm.
var written = []string{
	"محمد بن سلمان", "שרה לוי", "王小明", "김민준", "Ötvös Árpád", "Владимир Ильич", "אב\u200fג (Ltd)", "𠮷野家", "Mallory </span>",
	`<script>alert("x")</script>`, "=cmd()",
}

func TestNamesAreIntactOnEveryCopy(t *testing.T) {
	t.Parallel()
	c := named("en", written...)
	c.Number, c.Name = 3, map[string]string{"en": "Seoul & <Friends>"}
	var html, csv bytes.Buffer
	if err := c.Print(&html, "ar", participants.Everybody); err != nil {
		t.Fatal(err)
	}
	if err := c.Table(&csv, "en", participants.Everybody); err != nil {
		t.Fatal(err)
	}
	for _, name := range written {
		escaped := strings.NewReplacer("<", "&lt;", ">", "&gt;", `"`, "&#34;").Replace(name)
		if strings.Count(html.String(), escaped) < 2 { // as designation and as name
			t.Errorf("the page lacks %q", name)
		}
		if !bytes.Contains(csv.Bytes(), []byte(strings.ReplaceAll(name, `"`, `""`))) {
			t.Errorf("the table lacks %q", name)
		}
	}
	page := html.String()
	for _, part := range []string{`<html lang="ar" dir="rtl">`, `<h2><bdi lang="en">`, "Seoul &amp; &lt;Friends&gt;", "رقم 3", "size: A4"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	_, style, _ := strings.Cut(page, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	if sum := sha256.Sum256([]byte(style)); !strings.Contains(participants.PagePolicy(), "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
		t.Errorf("the policy %s forbids the style %s", participants.PagePolicy(), style)
	}
	for _, part := range []string{"<script", "http:", "https:", "src=", "url("} {
		if strings.Contains(page, part) {
			t.Errorf("the page has %q", part)
		}
	}
	if bytes.Contains(csv.Bytes(), []byte(",=cmd()")) || !bytes.Contains(csv.Bytes(), []byte(",'=cmd()")) {
		t.Errorf("a formula runs: %s", csv.String())
	}
}
