#!/usr/bin/env bash
# What the scripts that drive examples have in common: starting and stopping servers, talking to them.
#
#   source "${0%/*}/examples_support.sh" <directory of the programs> <test> <tool>...
#
# Then define functions whose names begin with test_, and call run_test. Fails where a tool is missing.

set -euo pipefail

programs=$(realpath "$1")
test=$2
shift 2
work=$(mktemp -d)
server=
trap 'finish' EXIT

finish() {
  local status=$? left
  left=$(jobs -p)
  # shellcheck disable=SC2086  # one word for each process that we have started
  [[ -z $left ]] || { kill -KILL $left; wait $left; } 2>/dev/null || true
  rm -rf "$work"
  exit $status
}

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

expect() {
  local what=$1 expected=$2 actual=$3
  [[ $actual == "$expected" ]] || fail "$what: expected '$expected', got '$actual'"
}

# Waits until a command succeeds, for what nobody tells us of.
await() {
  local attempt
  for ((attempt = 0; attempt < 400; ++attempt)); do
    if "$@"; then return; fi
    read -r -t 0.05 <> <(:) || true
  done
  fail "in vain: $*"
}

for tool in "$@"; do
  command -v "$tool" >/dev/null || fail "'$tool' is missing: tools/setup.sh test"
done

# Starts the server $1, with further arguments, on a free port; its output is descriptor 3. Sets
# `server` and `port`.
start() {
  local line name=$1
  shift
  mkfifo "$work/output"
  "$programs/$name" --port 0 "$@" >"$work/output" &
  server=$!
  exec 3<"$work/output"
  read -r line <&3
  [[ $line == "$name: listening on 127.0.0.1:"* ]] || fail "$name does not listen: $line"
  port=${line##*:}
}

# Asks the server to stop, and checks what it says and its exit code.
stop() {
  local signal=$1 name=$2 end=$3 line
  kill "-$signal" "$server"
  read -r line <&3
  expect 'after the signal' "$name: stopping" "$line"
  await_end "$name" "$end"
}

await_end() {
  local name=$1 end=$2 line status=0
  read -r line <&3
  expect 'the last line' "$name: stopped, $end" "$line"
  wait "$server" || status=$?
  server=
  expect 'exit code' 0 "$status"
}

# A connection that stays open: lines written to descriptor $2 are sent, those that come are read from
# descriptor $3.
connect() {
  local name=$1
  mkfifo "$work/$name.in" "$work/$name.out"
  # Without the ends of the other connections: they would stay open.
  nc -N 127.0.0.1 "$port" <"$work/$name.in" >"$work/$name.out" 3<&- 4>&- 5<&- 6>&- 7<&- &
  eval "exec $2>'$work/$name.in' $3<'$work/$name.out'"
}

expect_line() {
  local line
  read -r line <&"$1" || fail "connection ended, where '$2' was expected"
  expect 'a line' "$2" "$line"
}

run_test() {
  "test_$test"
}
