#!/usr/bin/env bash
# Starts the standalone binary on a free port with a fresh sample, signs in as
# the secretariat and lets apifuzz loose on it. Everything it changes is thrown
# away.  fuzz.sh BINARY APIFUZZ SEED N
set -euo pipefail
binary=$1 apifuzz=$2 seed=$3 n=$4
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$tmp"' EXIT

PORT=0 METRICS_LISTEN=off RATE_LIMIT=off PASSKEY_DOMAIN=localhost CONFERENCE=seoul-2013 PLENARY_DATA="$tmp/data" "$binary" >"$tmp/out" 2>"$tmp/log" &
server=$!
for _ in $(seq 300); do
  grep -q '^  desk ' "$tmp/out" && break
  kill -0 "$server" 2>/dev/null || { tail -n 3 "$tmp/log"; exit 2; }
  sleep 0.1
done
base=$(sed -n 's|^  API docs  *\(http://[^ ]*\)/.*|\1|p' "$tmp/out")
read -r _ id code < <(grep '^  secretariat ' "$tmp/out")

signin="{\"conference\":\"seoul-2013\",\"accreditation\":\"$id\",\"activationCode\":\"$code\"}"
token=$(curl -fsS "$base/v1/sign-ins" -H 'Content-Type: application/json' -d "$signin" | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
read_as_office() { curl -fsS "$base/v1/$1" -H "Authorization: Bearer $token"; }
read_as_office conferences/seoul-2013/agenda >"$tmp/agenda"
read_as_office me >"$tmp/me"
person='"id":"[^"]*"[^{}]*"name"' # and no delegation
self=$(grep -o "$person" "$tmp/me" | cut -d '"' -f 4)
# Whoever asks stays what they are: only others are known.
for page in 'delegates?limit=30' 'delegations?limit=30'; do
  read_as_office "conferences/seoul-2013/$page" >"$tmp/${page%%\?*}"
done

known=(-value conference=seoul-2013 -value "accreditation=$id" -value "activationCode=$code" -value number=1 -value number=2 -value Plenary-Revision=1 -value language=en -value language=ko -value timezone=Asia/Seoul)
while read -r x; do
  [ "$x" = "$self" ] || for name in delegate delegateId deputy delegates head actor principal subject principals withPrincipals interpreters out in; do known+=(-value "$name=$x"); done
done < <(grep -o "$person" "$tmp/delegates" | cut -d '"' -f 4)
while read -r x; do known+=(-value "officer=$x"); done < <(read_as_office 'conferences/seoul-2013/delegates?limit=100&q=secretariat' | grep -o "$person" | cut -d '"' -f 4)
while read -r x; do for name in delegation delegations asking asked with for; do known+=(-value "$name=$x"); done; done < <(grep -o '"id":"[^"]*"[^{}]*"kind"' "$tmp/delegations" | cut -d '"' -f 4)
while read -r x; do known+=(-value "session=$x" -value "sessions=$x" -value "with=$x"); done < <(grep -o '"id":"[^"]*","kind":"panel"' "$tmp/agenda" | cut -d '"' -f 4)
while read -r x; do known+=(-value "roomId=$x" -value "room=$x" -value "rooms=$x"); done < <(grep -o '"roomId":"[^"]*"' "$tmp/agenda" | sort -u | head -n 6 | cut -d '"' -f 4)
while read -r x; do known+=(-value "startsAt=$x" -value "endsAt=$x" -value "sendAt=$x"); done < <(grep -o '"startsAt":"[^"]*"' "$tmp/agenda" | sort -u | cut -d '"' -f 4)

while read -r x; do known+=(-value "meeting=$x" -value "with=$x" -value "for=$x"); done < <(read_as_office 'conferences/seoul-2013/meetings?limit=30' | grep -o '"id":"[^"]*","languages"' | cut -d '"' -f 4)

"$apifuzz" -spec dist/openapi.yaml -base "$base" -sign-in "$signin" -seed "$seed" -n "$n" "${known[@]}"
# Phones with made-up tokens are refused by the carrier, and the alarm about it
# is right; every other error is a finding.
if errors=$(grep '"level":"ERROR"' "$tmp/log" | grep -v '"alarm":"push_dead_tokens"'); then
  echo "the server logged errors:"
  head -n 5 <<<"$errors"
  exit 1
fi
