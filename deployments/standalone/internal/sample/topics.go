package sample

// workshop is what an item of the fill is called.
var workshop = Text{"en": "Workshop", "ko": "워크숍"}

// topics are the side events' subjects; invented, each under a theme in turn:
// growth, society, security, international security, crime, capacity.
var topics = [...]Text{
	{"en": "Small shops on big platforms", "ko": "거대 플랫폼 위의 작은 상점"},
	{"en": "Schools without walls", "ko": "벽 없는 학교"},
	{"en": "A response team in its first year", "ko": "대응팀의 첫해"},
	{"en": "Talking before typing: hotlines between capitals", "ko": "입력보다 대화: 수도 간 핫라인"},
	{"en": "Evidence that crosses borders in time", "ko": "제때 국경을 넘는 증거"},
	{"en": "Training the trainers", "ko": "교육자를 교육하다"},
	{"en": "What broadband does to a village", "ko": "마을과 초고속 인터넷"},
	{"en": "Languages that the network forgot", "ko": "네트워크가 잊은 언어들"},
	{"en": "Updating a hospital while it runs", "ko": "멈추지 않는 병원의 보안"},
	{"en": "Norms for quiet times", "ko": "평시의 규범"},
	{"en": "Following the money", "ko": "자금 추적"},
	{"en": "A curriculum in ten weeks", "ko": "10주 교육과정"},
	{"en": "Trust marks that buyers read", "ko": "소비자가 읽는 신뢰 표시"},
	{"en": "Children online: who is asked", "ko": "온라인의 아이들: 누구에게 묻는가"},
	{"en": "Securing the sea cables", "ko": "해저 케이블 보호"},
	{"en": "Confidence-building measures that were kept", "ko": "지켜진 신뢰구축조치"},
	{"en": "Reporting a crime in one place", "ko": "한 곳에서 범죄 신고"},
	{"en": "Women who run exchange points", "ko": "인터넷 교환점을 운영하는 여성들"},
	{"en": "Open data, open questions", "ko": "열린 데이터, 열린 질문"},
	{"en": "Archives for the next century", "ko": "다음 세기를 위한 기록"},
	{"en": "Exercises that fail usefully", "ko": "유익하게 실패하는 훈련"},
	{"en": "International law, read aloud", "ko": "소리 내어 읽는 국제법"},
	{"en": "Ransom: to pay or not to pay", "ko": "몸값: 낼 것인가 말 것인가"},
	{"en": "Twinning between response teams", "ko": "대응팀 결연"},
}
