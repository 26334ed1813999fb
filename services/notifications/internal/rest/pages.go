package rest

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/oapi-codegen/nullable"

	"plenary.example/services/notifications/internal/rest/api"
	"plenary.example/shared/problem"
)

// A listing is which page of which list is asked for. Filters that are empty are
// none.
type listing struct {
	conference, path string // below that of the conference
	filters          map[string]string
	limit            *int
	cursor           *string
}

// A place is where something stands in a list, whatever comes and goes around it.
type place struct {
	rank int64
	id   string
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.rank, q.rank), strings.Compare(p.id, q.id))
}

// paged is the page of all, which are in the order of their places.
func paged[T any](l listing, all []T, at func(T) place) (items []T, page api.Page, link *string, err error) {
	limit := 50
	if l.limit != nil {
		limit = *l.limit
	}
	if l.cursor != nil {
		last, err := l.read(*l.cursor)
		if err != nil {
			return nil, api.Page{}, nil, err
		}
		i := slices.IndexFunc(all, func(x T) bool { return at(x).compare(last) > 0 })
		if i < 0 {
			i = len(all)
		}
		all = all[i:]
	}
	if len(all) <= limit {
		return all, api.Page{NextCursor: nullable.NewNullNullable[string]()}, nil, nil
	}
	next := l.write(at(all[limit-1]))
	query := url.Values{"cursor": {next}, "limit": {strconv.Itoa(limit)}}
	for name, value := range l.filters {
		if value != "" {
			query.Set(name, value)
		}
	}
	to := "</v1/conferences/" + url.PathEscape(l.conference) + "/" + l.path + "?" + query.Encode() + `>; rel="next"`
	return all[:limit], api.Page{HasMore: true, NextCursor: nullable.NewNullableWithValue(next)}, &to, nil
}

// write is the cursor of the page after last.
func (l listing) write(last place) string {
	b := binary.BigEndian.AppendUint64(l.sum(), uint64(last.rank))
	return base64.RawURLEncoding.EncodeToString(append(b, last.id...))
}

func (l listing) read(cursor string) (place, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	sum := l.sum()
	if err != nil || len(b) < len(sum)+8 || !slices.Equal(b[:len(sum)], sum) {
		return place{}, problem.New(problem.Malformed, "bad_cursor", "This cursor does not belong to this list. Begin again without it.").
			With(problem.Field{Parameter: "cursor", Code: "bad_cursor", Detail: "Not given out for this list."})
	}
	b = b[len(sum):]
	return place{int64(binary.BigEndian.Uint64(b)), string(b[8:])}, nil
}

// sum binds a cursor to the list and to the filters it was given out for.
func (l listing) sum() []byte {
	words := []string{l.conference, l.path}
	for _, name := range slices.Sorted(maps.Keys(l.filters)) {
		words = append(words, name, l.filters[name])
	}
	h := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return h[:8]
}
