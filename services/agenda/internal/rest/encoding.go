package rest

import (
	"bytes"
	"strconv"
	"strings"
)

// takesGzip says whether an Accept-Encoding header asks for gzip (RFC 9110,
// 12.5.3). Fasthttp's own answer is no when the list has no spaces or weights.
func takesGzip(header []byte) bool {
	anything := false
	for len(header) > 0 {
		var item []byte
		item, header, _ = bytes.Cut(header, []byte(","))
		coding, parameters, _ := strings.Cut(string(item), ";")
		switch coding = strings.TrimSpace(coding); {
		case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
			return wanted(parameters)
		case coding == "*":
			anything = wanted(parameters)
		}
	}
	return anything
}

// wanted is whether the weight among the parameters is more than none.
func wanted(parameters string) bool {
	name, value, _ := strings.Cut(parameters, "=")
	if !strings.EqualFold(strings.TrimSpace(name), "q") {
		return true
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && q > 0
}
