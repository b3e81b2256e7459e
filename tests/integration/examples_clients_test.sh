#!/usr/bin/env bash
# The larger examples, as the clients drive them that others have written: redis-cli, redis-benchmark,
# curl, wrk, nc.
#
#   tests/integration/examples_clients_test.sh <directory of the programs> <test>
#
# <test> is one of the functions below whose names begin with test_, without that.

source "${0%/*}/examples_support.sh" "$1" "$2" nc curl wrk redis-cli redis-benchmark

redis() { redis-cli -p "$port" "$@"; }
# Whether the reply to a command is $1.
redis_says() { [[ $(redis "${@:2}" 2>&1) == "$1" ]]; }

test_mini_redis_keys() {
  start mini_redis_server
  expect 'PING' PONG "$(redis ping)"
  expect 'ECHO' 'two words' "$(redis echo 'two words')"
  expect 'SET' OK "$(redis set key value)"
  expect 'GET' value "$(redis get key)"
  expect 'GET of none' '' "$(redis get none)"
  expect 'EXISTS' 2 "$(redis exists key none key)"
  expect 'SET NX of a key that exists' '' "$(redis set key other nx)"
  expect 'SET XX of none' '' "$(redis set none other xx)"
  expect 'DEL' 1 "$(redis del key none)"
  expect 'GET of a deleted key' '' "$(redis get key)"
  expect 'INCR of none' 1 "$(redis incr number)"
  expect 'INCR' 2 "$(redis incr number)"
  expect 'MSET' OK "$(redis mset a 1 b 2)"
  expect 'MGET' $'1\n\n2' "$(redis mget a none b)"
  stop INT mini_redis_server 'all connections have ended'
}

test_mini_redis_refuses_wrong_commands() {
  start mini_redis_server
  expect 'INCR of a text' 'ERR value is not an integer or out of range' \
    "$(printf 'set text x\nincr text\n' | redis | sed -n 2p)"
  expect 'INCR of the largest' 'ERR increment or decrement would overflow' \
    "$(printf 'set number 9223372036854775807\nincr number\n' | redis | sed -n 2p)"
  expect 'no such command' "ERR unknown command 'nonsense'" "$(redis nonsense)"
  expect 'too few arguments' "ERR wrong number of arguments for 'get' command" "$(redis get)"
  expect 'a wrong option' 'ERR syntax error' "$(redis set key value xy)"
  expect 'both options' 'ERR syntax error' "$(redis set key value nx xx)"
  expect 'no lifetime' "ERR invalid expire time in 'set' command" "$(redis set key value ex 0)"
  expect 'a lifetime of ages' "ERR invalid expire time in 'set' command" \
    "$(redis set key value ex 9223372036854775807)"
  expect 'nothing was set' 0 "$(redis exists key)"
  stop INT mini_redis_server 'all connections have ended'
}

# As far as it shows without measuring time.
test_mini_redis_expiry() {
  start mini_redis_server
  expect 'SET EX' OK "$(redis set key value ex 1000)"
  expect 'TTL' 1 "$(($(redis ttl key) > 900))"
  expect 'SET without it' OK "$(redis set key value)"
  expect 'TTL of a key that stays' -1 "$(redis ttl key)"
  expect 'TTL of none' -2 "$(redis ttl none)"
  expect 'EXPIRE' 1 "$(redis expire key 1000)"
  expect 'PTTL' 1 "$(($(redis pttl key) > 900000))"
  expect 'EXPIRE of none' 0 "$(redis expire none 1000)"
  expect 'EXPIRE at once' 1 "$(redis expire key 0)"
  expect 'GET of an expired key' '' "$(redis get key)"
  expect 'SET PX' OK "$(redis set key value px 1)"
  await redis_says 0 exists key
  expect 'TTL of an expired key' -2 "$(redis ttl key)"
  stop TERM mini_redis_server 'all connections have ended'
}

# Lines of nc and lines of a benchmark's arguments are both requests; what has come is answered.
test_mini_redis_pipelining() {
  start mini_redis_server
  expect 'inline requests' $'+OK\n:2\n$1\n2\n-ERR unknown command \'what\'' \
    "$(printf 'set a 1\r\nincr a\r\n\r\nget a\nwhat\n' | nc -N 127.0.0.1 "$port" | tr -d '\r')"
  expect 'a list of strings' $'+PONG\n+PONG' \
    "$(printf '*1\r\n$4\r\nPING\r\n*0\r\n*1\r\n$4\r\nping\r\n' | nc -N 127.0.0.1 "$port" | tr -d '\r')"
  seq 1 20000 | sed 's/.*/SET key& value&\r/' | redis --pipe >"$work/pipe"
  grep -q 'errors: 0, replies: 20000' "$work/pipe" || fail "$(cat "$work/pipe")"
  expect 'the last of them' value20000 "$(redis get key20000)"
  head -c 5000000 /dev/zero | tr '\0' x >"$work/blob"
  expect 'a large value' OK "$(redis -x set blob <"$work/blob")"
  redis get blob | head -c 5000000 | cmp - "$work/blob" || fail 'a large value came back changed'
  stop INT mini_redis_server 'all connections have ended'
}

test_mini_redis_refuses_hostile_requests() {
  start mini_redis_server
  local answer
  hostile() {
    answer=$(printf "$2" | nc 127.0.0.1 "$port" | tr -d '\r')
    expect "$2" "-ERR Protocol error: $1" "$answer"
  }
  hostile 'invalid multibulk length' '*99999999\r\n'
  hostile 'invalid multibulk length' '*one\r\n'
  hostile 'invalid bulk length' '*1\r\n$99999999999\r\n'
  hostile 'invalid bulk length' '*1\r\n$-1\r\n'
  hostile "expected '\$'" '*1\r\n:1\r\n'
  hostile 'expected CRLF behind a string' '*1\r\n$4\r\nPINGPING'
  answer=$(head -c 200000 /dev/zero | tr '\0' x | nc 127.0.0.1 "$port" | tr -d '\r')
  expect 'a line without end' '-ERR Protocol error: too big inline request' "$answer"
  expect 'half a request' '' "$(printf '*2\r\n$3\r\nGET\r\n$10\r\nha' | nc -N 127.0.0.1 "$port")"
  expect 'others go on' PONG "$(redis ping)"
  stop INT mini_redis_server 'all connections have ended'
}

test_mini_redis_channels() {
  start mini_redis_server
  connect listener 4 5
  echo 'subscribe news weather' >&4
  # Three elements, with their sizes.
  expect_array() {
    local element
    expect_line 5 $'*3\r'
    for element in "$@"; do
      if [[ $element == :* ]]; then
        expect_line 5 "$element"$'\r'
      else
        expect_line 5 '$'"${#element}"$'\r'
        expect_line 5 "$element"$'\r'
      fi
    done
  }
  expect_array subscribe news :1
  expect_array subscribe weather :2
  expect 'a listener' 1 "$(redis publish news 'it rains')"
  expect 'no listener' 0 "$(redis publish sports 'it rains')"
  expect_array message news 'it rains'
  echo 'get key' >&4
  expect_line 5 $'-ERR Can\'t execute this command: only SUBSCRIBE, UNSUBSCRIBE, PING and QUIT are allowed while subscribed\r'
  echo 'unsubscribe news' >&4
  expect_array unsubscribe news :1
  expect 'it has gone' 0 "$(redis publish news 'still')"
  echo 'unsubscribe' >&4
  expect_array unsubscribe weather :0
  echo 'incr number' >&4
  expect_line 5 $':1\r'
  echo 'quit' >&4
  expect_line 5 $'+OK\r'
  stop TERM mini_redis_server 'all connections have ended'
}

# Who has no place is told so; a place that becomes free is given to the next.
test_mini_redis_connection_limit() {
  start mini_redis_server --clients 1
  connect first 4 5
  echo ping >&4
  expect_line 5 $'+PONG\r'
  expect 'the second' '-ERR max number of clients reached' "$(nc -d 127.0.0.1 "$port" | tr -d '\r')"
  echo quit >&4
  expect_line 5 $'+OK\r'
  exec 4>&-
  await redis_says PONG ping
  stop INT mini_redis_server 'all connections have ended'
}

# Clients that wait when the server is asked to stop see the end of their connection.
test_mini_redis_stops_gracefully() {
  local rest
  start mini_redis_server
  connect idle 4 5
  echo 'set a 1' >&4
  expect_line 5 $'+OK\r'
  connect listener 6 7
  echo 'subscribe news' >&6
  expect_line 7 $'*3\r'
  stop TERM mini_redis_server 'all connections have ended'
  exec 4>&-  # nc ends when both directions have
  rest=$(cat <&5)
  expect 'what comes at the end' '' "$rest"
}

test_mini_redis_under_redis_benchmark() {
  start mini_redis_server
  local kinds=ping_inline,ping_mbulk,set,get,incr,mset
  redis-benchmark -p "$port" -t $kinds -n 5000 -c 20 --csv >"$work/plain" 2>&1 || fail "$(cat "$work/plain")"
  redis-benchmark -p "$port" -t $kinds -n 20000 -c 20 -P 16 -r 1000 --csv >"$work/pipelined" 2>&1 ||
    fail "$(cat "$work/pipelined")"
  ! grep -Ehi 'error|warning' "$work/plain" "$work/pipelined" || fail 'redis-benchmark complains'
  expect 'kinds measured' 6 "$(grep -cE '^"(PING|SET|GET|INCR|MSET)' "$work/pipelined")"
  stop INT mini_redis_server 'all connections have ended'
}

test_mini_redis_cli() {
  start mini_redis_server
  cli() { "$programs/mini_redis_cli" --port "$port" "$@"; }
  expect 'a status' OK "$(cli set key 'two words')"
  expect 'a text' 'two words' "$(cli get key)"
  expect 'an array' $'two words\n\n.' "$(cli mget key none; echo .)"
  local status=0
  expect 'an error' "(error) ERR unknown command 'what'" "$(cli what || true)"
  cli what >/dev/null || status=$?
  expect 'its exit code' 1 "$status"
  expect 'many commands' 20000 "$(for ((i = 0; i < 20000; ++i)); do echo "incr n"; done | cli | tail -n 1)"
  cli subscribe news >"$work/heard" &
  local listener=$!
  await redis_says 1 publish news now
  stop INT mini_redis_server 'all connections have ended'
  wait $listener || fail 'the listener did not end with the server'
  expect 'what it heard' $'subscribe\nnews\n1\nmessage\nnews\nnow' "$(cat "$work/heard")"
}

# A directory to serve: $work/site.
make_site() {
  mkdir -p "$work/site/sub"
  echo 'the index' >"$work/site/index.html"
  echo 'below' >"$work/site/sub/index.html"
  echo 'with a space' >"$work/site/a b.txt"
  : >"$work/site/empty.txt"
  head -c 5000000 /dev/urandom >"$work/site/blob"
  mkfifo "$work/site/pipe"
  echo 'secret' >"$work/secret"
}

status_of() { curl -sS -o /dev/null -w '%{http_code}' "$@"; }

test_http_files() {
  make_site
  start http_files "$work/site"
  local url="http://127.0.0.1:$port" connects
  expect 'the directory' 'the index' "$(curl -sS "$url/")"
  expect 'with an escape' 'with a space' "$(curl -sS "$url/a%20b.txt?version=2")"
  expect 'an empty file' '' "$(curl -sS "$url/empty.txt")"
  curl -sS "$url/blob" | cmp - "$work/site/blob" || fail 'a large file came changed'
  expect 'HEAD' '5000000' "$(curl -sSI "$url/blob" | tr -d '\r' | awk '/^Content-Length/ { print $2 }')"
  expect 'a directory without its slash' 'below' "$(curl -sSL "$url/sub")"
  expect 'none' 404 "$(status_of "$url/none")"
  expect 'a pipe' 403 "$(status_of "$url/pipe")"
  expect 'POST' 405 "$(status_of -d text "$url/")"
  connects=$(curl -sS -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects} ' "$url/" "$url/none" "$url/blob")
  expect 'new connections for three requests' '1 0 0 ' "$connects"
  expect 'pipelined requests' 2 "$(printf 'GET / HTTP/1.1\r\n\r\nGET /sub/ HTTP/1.1\r\nConnection: close\r\n\r\n' |
    nc 127.0.0.1 "$port" | grep -cE '^(the index|below)$')"
  stop TERM http_files 'all connections have ended'
}

test_http_files_ranges() {
  make_site
  start http_files "$work/site"
  local url="http://127.0.0.1:$port/blob"
  part() { dd if="$work/site/blob" iflag=skip_bytes,count_bytes skip="$1" count="$2" status=none; }
  expect 'its status' 206 "$(status_of -r 0-0 "$url")"
  curl -sS -r 1000-2999 "$url" | cmp - <(part 1000 2000) || fail 'from the middle'
  curl -sS -r 4999000- "$url" | cmp - <(part 4999000 1000) || fail 'up to the end'
  curl -sS -r -77 "$url" | cmp - <(part 4999923 77) || fail 'the end'
  curl -sS -r 4999000-9999999 "$url" | cmp - <(part 4999000 1000) || fail 'beyond the end'
  expect 'the span' 'bytes 10-19/5000000' \
    "$(curl -sSI -r 10-19 "$url" | tr -d '\r' | sed -n 's/^Content-Range: //p')"
  expect 'behind the end' 416 "$(status_of -r 5000000- "$url")"
  expect 'its span' 'bytes */5000000' \
    "$(curl -sSI -r 5000000- "$url" | tr -d '\r' | sed -n 's/^Content-Range: //p')"
  expect 'several at a time' 200 "$(status_of -r 0-1,4-5 "$url")"
  expect 'no range' 200 "$(status_of -H 'Range: bytes=9-1' "$url")"
  expect 'of another version' 200 "$(status_of -r 0-0 -H 'If-Range: "x"' "$url")"
  part 0 3000000 >"$work/broken_off"
  curl -sS -C - -o "$work/broken_off" "$url"
  cmp "$work/broken_off" "$work/site/blob" || fail 'a download that went on'
  stop INT http_files 'all connections have ended'
}

test_http_files_stays_in_its_directory() {
  make_site
  start http_files "$work/site"
  local url="http://127.0.0.1:$port" target
  for target in /../secret /sub/../../secret /%2e%2e/secret '/..%2fsecret' /sub/%2E%2E/%2e./secret '/%00' '/%zz'; do
    expect "$target" 403 "$(status_of --path-as-is "$url$target")"
  done
  expect 'a path of the system' 404 "$(status_of --path-as-is "$url/$work/secret")"
  expect 'no request' 'HTTP/1.1 400 Bad Request' "$(printf 'GET /a\001b HTTP/1.1\r\n\r\n' | nc 127.0.0.1 "$port" | head -n 1 | tr -d '\r')"
  expect 'a head without end' 'HTTP/1.1 400 Bad Request' \
    "$(head -c 20000 /dev/zero | tr '\0' x | nc 127.0.0.1 "$port" | head -n 1 | tr -d '\r')"
  stop INT http_files 'all connections have ended'
}

test_http_files_under_load() {
  make_site
  start http_files "$work/site"
  wrk -t2 -c32 -d1 "http://127.0.0.1:$port/index.html" >"$work/wrk" || fail 'wrk cannot connect'
  ! grep -E 'Socket errors|Non-2xx' "$work/wrk" || fail 'requests have failed'
  local requests
  requests=$(awk '/requests in/ { print $1 }' "$work/wrk")
  ((requests > 200)) || fail "only $requests requests in a second"
  stop INT http_files 'all connections have ended'
}

test_tcp_proxy() {
  make_site
  start http_files "$work/site"
  local files=$server origin=$port
  exec 8<&3  # what it says at its end
  rm "$work/output"
  start tcp_proxy "127.0.0.1:$origin"
  local proxy=$server
  expect 'a page' 'the index' "$(curl -sS "http://127.0.0.1:$port/")"
  curl -sS "http://127.0.0.1:$port/blob" | cmp - "$work/site/blob" || fail 'a large file came changed'
  wrk -t2 -c32 -d1 "http://127.0.0.1:$port/" >"$work/wrk" || fail 'wrk cannot connect'
  ! grep -E 'Socket errors|Non-2xx' "$work/wrk" || fail 'requests have failed'
  # Our side ends first, and the answer still comes.
  expect 'after our end' 'the index' \
    "$(printf 'GET / HTTP/1.0\r\n\r\n' | nc -N 127.0.0.1 "$port" | tail -n 1)"
  # The other server has gone.
  kill -TERM "$files"
  wait "$files"
  ! curl -sS "http://127.0.0.1:$port/" 2>/dev/null || fail 'an answer from nobody'
  server=$proxy
  stop TERM tcp_proxy 'all connections have ended'
}

test_search_tree() {
  mkdir -p "$work/tree/a/b"
  printf 'one\ntwo needle\nthree\nneedle needle\n' >"$work/tree/a/text"
  printf 'no end of line: needle' >"$work/tree/a/b/last"
  printf 'needle\0' >"$work/tree/binary"
  { seq 1 300000; echo 'a needle far away'; } >"$work/tree/long"
  : >"$work/tree/empty"
  ln -s a "$work/tree/link"
  mkfifo "$work/tree/pipe"
  cd "$work"
  expect 'what is found' \
    $'tree/a/b/last:1:no end of line: needle\ntree/a/text:2:two needle\ntree/a/text:4:needle needle\ntree/binary: binary file matches\ntree/long:300001:a needle far away' \
    "$("$programs/search_tree" needle tree | sort)"
  local status=0
  "$programs/search_tree" 'what nobody wrote' tree >"$work/found" || status=$?
  expect 'nothing found' 1 "$status"
  status=0
  "$programs/search_tree" needle nowhere 2>"$work/errors" || status=$?
  expect 'nowhere' 2 "$status"
  expect 'its message' 'search_tree: nowhere: No such file or directory (os error 2)' "$(cat "$work/errors")"
  expect 'no progress where nobody looks' '' "$("$programs/search_tree" needle tree 2>&1 >/dev/null)"
}

# In files that were not made for this.
test_search_tree_finds_what_grep_finds() {
  cp -r "${0%/*}/../../runtime" "$work/runtime"
  cd "$work"
  "$programs/search_tree" co_await runtime | sort >"$work/ours"
  grep -rnF co_await runtime | sort >"$work/theirs"
  [[ -s $work/theirs ]] || fail 'nothing to find'
  cmp "$work/ours" "$work/theirs" || fail 'not the same'
}

run_test
