package httpd

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

	"plenary.example/shared/problem"
)

// A Listing is which page of which list of a conference is asked for. Filters that
// are empty are none.
type Listing struct {
	Conference, Path string // below that of the conference
	Filters          map[string]string
	Limit            *int // nil = 50
	Cursor           *string
}

// A Place is where something stands in a list, whatever comes and goes around it.
type Place struct {
	Rank int64
	ID   string
}

func (p Place) compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Rank, q.Rank), strings.Compare(p.ID, q.ID))
}

// Page is the page of all that l asks for; all are in the order of their places.
// Next is the cursor of the page after it, and link the header that names it; both
// are empty for the last. A cursor that was not given out for the list with these
// filters is Malformed.
func Page[T any](l Listing, all []T, at func(T) Place) (items []T, next string, link *string, err error) {
	limit := 50
	if l.Limit != nil {
		limit = *l.Limit
	}
	if l.Cursor != nil {
		last, err := l.read(*l.Cursor)
		if err != nil {
			return nil, "", nil, err
		}
		i := slices.IndexFunc(all, func(x T) bool { return at(x).compare(last) > 0 })
		if i < 0 {
			i = len(all)
		}
		all = all[i:]
	}
	if len(all) <= limit {
		return all, "", nil, nil
	}
	next = l.write(at(all[limit-1]))
	query := url.Values{"cursor": {next}, "limit": {strconv.Itoa(limit)}}
	for name, value := range l.Filters {
		if value != "" {
			query.Set(name, value)
		}
	}
	to := "</v1/conferences/" + url.PathEscape(l.Conference) + "/" + l.Path + "?" + query.Encode() + `>; rel="next"`
	return all[:limit], next, &to, nil
}

// write is the cursor of the page after last.
func (l Listing) write(last Place) string {
	b := binary.BigEndian.AppendUint64(l.sum(), uint64(last.Rank))
	return base64.RawURLEncoding.EncodeToString(append(b, last.ID...))
}

func (l Listing) read(cursor string) (Place, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	sum := l.sum()
	if err != nil || len(b) < len(sum)+8 || !slices.Equal(b[:len(sum)], sum) {
		return Place{}, problem.New(problem.Malformed, "bad_cursor", "This cursor does not belong to this list. Begin again without it.").
			With(problem.Field{Parameter: "cursor", Code: "bad_cursor", Detail: "Not given out for this list."})
	}
	b = b[len(sum):]
	return Place{int64(binary.BigEndian.Uint64(b)), string(b[8:])}, nil
}

// sum binds a cursor to the list and to the filters it was given out for.
func (l Listing) sum() []byte {
	words := []string{l.Conference, l.Path}
	for _, name := range slices.Sorted(maps.Keys(l.Filters)) {
		words = append(words, name, l.Filters[name])
	}
	h := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return h[:8]
}
