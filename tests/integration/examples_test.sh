#!/usr/bin/env bash
# The examples as their users run them: with nc, curl and wrk.
#
#   tests/integration/examples_test.sh <directory of the programs> <test>
#
# <test> is one of the functions below whose names begin with test_, without that.

source "${0%/*}/examples_support.sh" "$1" "$2" nc curl wrk

test_hello() {
  local output
  output=$("$programs/hello" | tail -n 1)
  expect 'the last line' 'all 3 have said it' "$output"
}

test_lent_thread() {
  expect 'the output' '9592 primes below 100000' "$("$programs/lent_thread")"
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
