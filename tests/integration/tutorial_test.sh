#!/usr/bin/env bash
# The programs of docs/tutorial/ and docs/topics/, and what the pages say that they print.
#
#   tests/integration/tutorial_test.sh <directory of the programs> <test>
#
# <test> is one of the functions below whose names begin with test_, without that.

source "${0%/*}/examples_support.sh" "$1" "$2" nc redis-cli

# Runs the program $1 with further arguments; it has to print $2.
prints() {
  local name=$1 expected=$2
  shift 2
  expect "$name" "$expected" "$("$programs/$name" "$@")"
}

# Starts the chapter $1 as a server on a free port. Sets `server` and `port`.
start_chapter() {
  local line
  mkfifo "$work/output"
  "$programs/tutorial_$1" 127.0.0.1:0 >"$work/output" &
  server=$!
  exec 3<"$work/output"
  read -r line <&3
  [[ $line == 'listening on 127.0.0.1:'* ]] || fail "$1 does not listen: $line"
  port=${line##*:}
}

test_tutorial_hello() {
  start mini_redis_server
  prints tutorial_hello $'+OK\r\n$5\r\nworld\r' "127.0.0.1:$port"
  stop INT mini_redis_server 'all connections have ended'
}

test_tutorial_hello_without_a_server() {
  local output status=0
  output=$("$programs/tutorial_hello" 127.0.0.1:1 2>&1) || status=$?
  expect 'exit code' 1 "$status"
  [[ $output == '127.0.0.1:1: Connection refused'* ]] || fail "it says: $output"
}

test_tutorial_spawning() {
  start_chapter spawning
  expect 'replies' $'+PONG\n-ERR unknown command' \
    "$(printf 'PING\r\nhow are you?\r\n' | nc -N 127.0.0.1 "$port" | tr -d '\r')"
}

test_tutorial_shared_state() {
  start_chapter shared_state
  expect 'SET' '+OK' "$(printf 'SET hello world\r\n' | nc -N 127.0.0.1 "$port" | tr -d '\r')"
  expect 'GET on another connection' $'$5\nworld\n$-1' \
    "$(printf 'GET hello\r\nget none\r\n' | nc -N 127.0.0.1 "$port" | tr -d '\r')"
}

test_tutorial_channels() {
  start mini_redis_server
  prints tutorial_channels $'key1: 1\nkey2: 2\nkey3: 3' "127.0.0.1:$port"
  stop INT mini_redis_server 'all connections have ended'
}

test_tutorial_io() { TMPDIR=$work prints tutorial_io $'by copy\nby hand\nkept on disk'; }

test_tutorial_framing() {
  start_chapter framing
  expect 'SET' OK "$(redis-cli -p "$port" set hello 'big world')"
  expect 'GET' 'big world' "$(redis-cli -p "$port" get hello)"
  expect 'no command' 'ERR unknown command' "$(redis-cli -p "$port" nonsense)"
  expect 'no request' '' "$(printf 'nonsense\r\n' | nc 127.0.0.1 "$port")"
  expect 'too many words' '' "$(printf '*65\r\n' | nc 127.0.0.1 "$port")"
  expect 'PING, in two pieces' $'+PONG' \
    "$( (printf '*1\r\n$4\r\nPI'; read -r -t 0.05 <> <(:) || true; printf 'NG\r\n') | nc -N 127.0.0.1 "$port" | tr -d '\r')"
}

test_tutorial_async() {
  prints tutorial_async 'by hand: waits
first poll: pending
woken: yes
by hand: goes on
second poll: ready
last: waits
one sets the other'"'"'s event
last: goes on
from a thread: waits
from a thread: goes on'
}

test_tutorial_select() {
  local line
  start_chapter select
  expect 'PING' PONG "$(redis-cli -p "$port" ping)"
  connect open 4 5
  printf '*1\r\n$4\r\nPING\r\n' >&4
  expect_line 5 $'+PONG\r'
  kill -INT "$server"
  read -r line <&3
  expect 'after the signal' stopping "$line"
  # The server ends the connection, though the client keeps its side open.
  read -r line <&3
  expect 'the last line' 'all connections have ended' "$line"
  wait "$server" || fail "exit code $?"
}

test_tutorial_streams() {
  start mini_redis_server
  prints tutorial_streams $'2\n4\n8' "127.0.0.1:$port"
  stop INT mini_redis_server 'all connections have ended'
}

test_topic_bridging() {
  prints topic_bridging 'price: 5
price: 4
sensor: 21.5
hash: 4434659106283205771
parsed: 12 bytes
ticks: 1
worker: stopped'
}

test_topic_shutdown() {
  local output
  output=$("$programs/topic_shutdown")
  expect 'the two that listen' $'migrate: ends after a whole step\nsweep: ends' \
    "$(grep -v 'hang\|stopped' <<<"$output" | sort)"
  expect 'the one that does not' $'hang: cut off\nstopped' "$(tail -n 2 <<<"$output")"
}

test_topic_testing() { prints topic_testing '3 tests passed'; }

test_topic_tuning() {
  prints topic_tuning $'sum: 333383335000\nsquared: 144\nworkers: 1, stolen: 0, polls: some'
}

test_topic_lifetimes() {
  prints topic_lifetimes 'length: 10
hello lambda
hello member
scope: 1, read: 4, visits: 1, total: 1, callback: 7'
}

test_topic_cancellation() {
  prints topic_cancellation 'the inner one is destroyed
the outer one is destroyed
cancelled: yes
sum: 6
read: abcd
record: whole
saved: all or nothing
filled: 1'
}

test_topic_compilers() { prints topic_compilers '1 8 example.org:80 thrown'; }

run_test
