#!/usr/bin/env bash
# The examples as their users run them: with nc, curl and wrk.
#
#   tests/integration/examples_test.sh <directory of the programs> <test>
#
# <test> is one of the functions below whose names begin with test_, without that.

source "${0%/*}/examples_support.sh" "$1" "$2" nc curl wrk python3

test_hello() {
  local output
  output=$("$programs/hello" | tail -n 1)
  expect 'the last line' 'all 3 have said it' "$output"
}

test_bridge_asio() {
  local output
  output=$("$programs/bridge_asio")
  expect 'the last line' '8 pieces in all' "$(tail -n 1 <<<"$output")"
  expect 'the orders' $'order 1: 3 of 3 pieces\norder 2: 3 of 3 pieces\norder 3: 2 of 2 pieces' \
    "$(head -n 3 <<<"$output" | sort)"
}

test_bridge_thread_pool() {
  local output
  output=$("$programs/bridge_thread_pool")
  expect 'the output' "the pool counted 9592 primes below 100000 in 8 parts
its future says 9592
a job of the pool asked weft: 42" "$output"
}

test_bridge_c_callbacks() {
  local output
  output=$("$programs/bridge_c_callbacks")
  expect 'the last line' '3 of 5 have answered' "$(tail -n 1 <<<"$output")"
  expect 'the sensor that does not answer' 'sensor 8: no answer within 50 ms' \
    "$(grep 'sensor 8' <<<"$output")"
  expect 'the sensor that there is not' 'sensor 12: No such device (os error 19)' \
    "$(grep 'sensor 12' <<<"$output")"
}

test_lent_thread() {
  expect 'the output' '9592 primes below 100000' "$("$programs/lent_thread")"
}

# The task that computes is reported, and the trace is JSON with that task in it.
test_stalls() {
  (cd "$work" && "$programs/stalls" >sum 2>report) || fail 'it failed'
  grep -Eq '^weft: worker [01] has been held for [0-9]+ ms \(the limit is 100 ms\) by task [0-9]+ "checksum", spawned at .*stalls\.cc:[0-9]+$' \
    "$work/report" || fail "the report: $(cat "$work/report")"
  grep -q '  #[0-9]* stalls::checksum' "$work/report" || fail "the backtrace: $(cat "$work/report")"
  expect 'slices of the task' True "$(python3 -c '
import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
print(any(e["ph"] == "X" and e["name"] == "checksum" and e["dur"] >= 300000 for e in events))
' "$work/stalls.json")"
}

test_echo() {
  start echo
  expect 'echoed lines' $'one\ntwo' "$(printf 'one\ntwo\n' | nc -N 127.0.0.1 "$port")"
  head -c 3000000 /dev/urandom >"$work/blob"
  nc -N 127.0.0.1 "$port" <"$work/blob" | cmp - "$work/blob" || fail 'a large blob came back changed'
  stop INT echo 'all connections have ended'
}

# A connection that is open when the server is asked to stop can finish; nobody new gets in.
test_echo_stops_gracefully() {
  local line
  start echo
  connect open 4 5
  echo before >&4
  expect_line 5 before
  kill -TERM "$server"
  read -r line <&3
  expect 'after the signal' 'echo: stopping' "$line"
  ! nc -z 127.0.0.1 "$port" || fail 'it still accepts'
  echo after >&4
  expect_line 5 after
  exec 4>&-
  await_end echo 'all connections have ended'
}

test_echo_cuts_off_what_does_not_finish() {
  start echo
  connect open 4 5
  echo before >&4
  expect_line 5 before
  stop TERM echo 'some connections were cut off'
}

# Although the connection could go on for two seconds.
test_echo_ends_at_once_at_the_second_signal() {
  local line status=0
  start echo
  connect open 4 5
  echo before >&4
  expect_line 5 before
  kill -INT "$server"
  expect_line 3 'echo: stopping'
  kill -INT "$server"
  wait "$server" || status=$?
  server=
  expect 'exit code' $((128 + $(kill -l INT))) "$status"
  ! read -r line <&3 || fail "after the second signal: $line"
}

test_echo_reports_a_port_in_use() {
  start echo
  local output status=0
  output=$("$programs/echo" --port "$port" 2>&1) || status=$?
  expect 'exit code' 1 "$status"
  [[ $output == *"cannot listen on 127.0.0.1:$port: Address already in use"* ]] || fail "$output"
  stop INT echo 'all connections have ended'
}

test_chat() {
  start chat
  connect ann 4 5
  expect_line 5 'your name?'
  echo ann >&4
  expect_line 5 '* ann has come; 1 here'
  connect bob 6 7
  expect_line 7 'your name?'
  echo bob >&6
  expect_line 7 '* bob has come; 2 here'
  expect_line 5 '* bob has come; 2 here'
  echo 'hello ann' >&6
  expect_line 5 'bob: hello ann'
  echo 'hello bob' >&4
  expect_line 7 'ann: hello bob'
  exec 6>&-
  expect_line 5 '* bob has gone'
  exec 4>&-
  stop TERM chat 'all connections have ended'
}

# Documents of two connections come in pieces that are mixed: the parser waits in the middle of each.
test_fiber_parser() {
  start fiber_parser
  connect one 4 5
  connect two 6 7
  echo '{"fruit": ["apple", "pe' >&4
  echo '[1, [2' >&6
  echo 'ar"], "weight": 3.5}' >&4
  expect_line 5 '5 values, 2 keys, sum 3.5'
  echo ', true, 3.5e1], {"a": {}}]' >&6
  expect_line 7 '8 values, 1 keys, sum 38'
  printf '[][]17 "' >&4
  expect_line 5 '1 values, 0 keys, sum 0'
  expect_line 5 '1 values, 0 keys, sum 0'
  expect_line 5 '1 values, 0 keys, sum 17'
  exec 4>&-
  expect_line 5 'error at byte 53: the input ends inside a string'
  echo '[1 2]' >&6
  expect_line 7 'error at byte 37: expected ,'
  exec 6>&-
  stop INT fiber_parser 'all connections have ended'
}

# A connection that has sent a part of a document only: its parser is unwound.
test_fiber_parser_cuts_off_what_does_not_finish() {
  start fiber_parser
  connect open 4 5
  echo '1 [[[' >&4
  expect_line 5 '1 values, 0 keys, sum 1'
  stop TERM fiber_parser 'some connections were cut off'
}

test_http_hello() {
  start http_hello
  local url="http://127.0.0.1:$port/" connects
  expect 'GET' 'Hello, world!' "$(curl -sS "$url")"
  expect 'HEAD' '200' "$(curl -sSI -o /dev/null -w '%{http_code}' "$url")"
  expect 'HTTP/1.0' 'Hello, world!' "$(curl -sS -0 "$url")"
  expect 'POST' '405' "$(curl -sS -o /dev/null -w '%{http_code}' -d text "$url")"
  connects=$(curl -sS -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects} ' "$url" "$url" "$url")
  expect 'new connections for three requests' '1 0 0 ' "$connects"
  expect 'pipelined requests' 3 "$(printf 'GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n' |
    nc 127.0.0.1 "$port" | grep -c 'Hello, world!')"
  expect 'no request' 'HTTP/1.1 400 Bad Request' "$(printf 'what?\r\n\r\n' | nc 127.0.0.1 "$port" | head -n 1 | tr -d '\r')"
  stop INT http_hello 'all connections have ended'
}

# The page is what a Prometheus server would read: each family's lines stand together, and the numbers
# are those of the requests before.
test_metrics() {
  start metrics
  local url="http://127.0.0.1:$port" page
  for _ in 1 2 3; do expect 'work' 'done' "$(curl -sS "$url/work")"; done
  page=$(curl -sS "$url/metrics")
  expect 'type of the page' 'text/plain; version=0.0.4; charset=utf-8' \
    "$(curl -sS -o /dev/null -w '%{content_type}' "$url/metrics")"
  expect 'lines that are none of the format' '' "$(grep -vE \
    '^(# (HELP|TYPE) weft_[a-z_]+ .+|weft_[a-z_]+\{([a-z]+="[^"]*",?)+\} [0-9.]+)$' <<<"$page" || true)"
  expect 'families whose lines are apart' '' \
    "$(awk '$1 == "#" && $2 == "TYPE" { print $3 }' <<<"$page" | sort | uniq -d)"
  value() { awk -v sample="$1" '$1 == sample { print $2 }' <<<"$page"; }
  local labels='service="example",task="work"'
  expect 'tasks watched' 3 "$(value "weft_task_instrumented_total{$labels}")"
  expect 'tasks ended' 3 "$(value "weft_task_dropped_total{$labels}")"
  labels='service="example",runtime="example"'
  expect 'work of the runtime' 1 \
    "$(($(value "weft_runtime_spawned_tasks_total{$labels}") >= 6))"
  expect 'a histogram and its count' \
    "$(value "weft_runtime_worker_poll_seconds_bucket{$labels,worker=\"0\",le=\"+Inf\"}")" \
    "$(value "weft_runtime_worker_poll_seconds_count{$labels,worker=\"0\"}")"
  expect 'no such page' 404 "$(curl -sS -o /dev/null -w '%{http_code}' "$url/none")"
  stop INT metrics 'all connections have ended'
}

test_http_hello_under_load() {
  start http_hello
  wrk -t2 -c64 -d1 "http://127.0.0.1:$port/" >"$work/wrk" || fail 'wrk cannot connect'
  ! grep -E 'Socket errors|Non-2xx' "$work/wrk" || fail 'requests have failed'
  local requests
  requests=$(awk '/requests in/ { print $1 }' "$work/wrk")
  ((requests > 1000)) || fail "only $requests requests in a second"
  stop INT http_hello 'all connections have ended'
}

# What the two streams of a service say is in no order between them.
test_supervisor_restarts() {
  local status=0
  "$programs/supervisor" --restarts 2 --delay 1 'job=echo out; echo err >&2; exit 3' >"$work/log" || status=$?
  expect 'exit code' 1 "$status"
  expect 'standard output' 3 "$(grep -cx 'job | out' "$work/log")"
  expect 'standard error' 3 "$(grep -cx 'job ! err' "$work/log")"
  expect 'what it did' \
    $'job: exit status: 3; again in 1 ms\njob: exit status: 3; again in 2 ms\njob: exit status: 3; given up\nsupervisor: stopped' \
    "$(grep -v 'out\|err' "$work/log")"
}

test_supervisor_forwards_signals() {
  local line status=0
  mkfifo "$work/output"
  "$programs/supervisor" \
    'job=trap "echo hup" HUP; trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.01; done' \
    >"$work/output" &
  server=$!
  exec 3<"$work/output"
  expect_line 3 'job | ready'
  kill -HUP "$server"
  expect_line 3 'job | hup'
  kill -TERM "$server"
  expect_line 3 'job | bye'
  expect_line 3 'job: exit status: 0'
  expect_line 3 'supervisor: stopped'
  wait "$server" || status=$?
  server=
  expect 'exit code' 0 "$status"
}

test_supervisor_reports_wrong_arguments() {
  local status=0
  "$programs/supervisor" 'no command' 2>"$work/log" || status=$?
  expect 'exit code' 2 "$status"
  grep -q '^usage: supervisor' "$work/log" || fail 'no usage'
}

test_demo() {
  "$programs/demo" --seconds 1 --clients 50 >"$work/demo"
  local word
  for word in 'latency p99.9' 'How long a request took' 'steals' 'parks' 'polls' 'tasks spawned'; do
    grep -q "$word" "$work/demo" || fail "nothing about '$word'"
  done
  ! grep -q 'were served' "$work/demo" || fail 'clients were not served'
}

test_demo_with_few_descriptors() {
  (ulimit -n 60 && "$programs/demo" --seconds 1 --clients 50 >"$work/demo")
  grep -q 'The limit of open files (ulimit -n) has room for 14 clients.' "$work/demo" || fail 'no hint'
  ! grep -q 'were served' "$work/demo" || fail 'clients were not served'
}

run_test
