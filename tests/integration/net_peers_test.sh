#!/usr/bin/env bash
# weft's sockets against programs that others have written: nc, socat, curl, iperf3 and ss.
#
#   tests/integration/net_peers_test.sh <net_program> <test>
#
# <test> is one of the functions below whose names begin with test_, without that.

set -euo pipefail

program=$1
test=$2
work=$(mktemp -d)
servers=()
trap 'finish' EXIT

finish() {
  local status=$?
  ((${#servers[@]} == 0)) || kill -KILL "${servers[@]}" 2>/dev/null || true
  rm -rf "$work"
  exit $status
}

fail() {
  printf 'net_peers_test: %s\n' "$*" >&2
  exit 1
}

expect() {
  local what=$1 expected=$2 actual=$3
  [[ $actual == "$expected" ]] || fail "$what: expected '$expected', got '$actual'"
}

for tool in nc curl socat iperf3 ss; do
  command -v $tool >/dev/null || fail "'$tool' is missing: tools/setup.sh test"
done

# Starts a server of ours. Sets `address`, and `port` if it has one.
start() {
  local line
  mkfifo "$work/output"
  "$program" "$@" >"$work/output" &
  servers+=($!)
  exec 3<"$work/output"
  read -r line <&3
  [[ $line == 'listening on '* ]] || fail "$1 does not listen: $line"
  address=${line#listening on }
  port=${address##*:}
}

# Waits until somebody listens on the path or port $1, as ss shows it with the options $2.
await_listener() {
  local attempt
  for ((attempt = 0; attempt < 200; ++attempt)); do
    if ss -H "$2" | grep -qF -- "$1"; then return; fi
    read -r -t 0.05 <> <(:) || true
  done
  fail "nobody listens on $1"
}

# A port that is free now.
free_port() {
  local candidate
  for ((candidate = 20000 + RANDOM % 20000; ; ++candidate)); do
    ss -Htuln | grep -q ":$candidate " || { echo "$candidate"; return; }
  done
}

blob() { head -c "$1" /dev/urandom >"$work/blob"; }

test_tcp_echo_with_nc() {
  start tcp-echo
  blob 3000000
  nc -N 127.0.0.1 "$port" <"$work/blob" | cmp - "$work/blob" || fail 'it came back changed'
}

test_tcp_echo_with_socat() {
  start tcp-echo
  blob 3000000
  socat -t 10 - "TCP:127.0.0.1:$port" <"$work/blob" | cmp - "$work/blob" || fail 'it came back changed'
}

test_unix_echo_with_nc_and_socat() {
  start unix-echo "$work/socket"
  blob 3000000
  nc -N -U "$work/socket" <"$work/blob" | cmp - "$work/blob" || fail 'nc: it came back changed'
  socat -t 10 - "UNIX-CONNECT:$work/socket" <"$work/blob" | cmp - "$work/blob" || fail 'socat: it came back changed'
}

test_udp_echo_with_socat() {
  start udp-echo
  expect 'the answer' 'a datagram' "$(printf 'a datagram' | socat -t 2 - "UDP:127.0.0.1:$port")"
}

test_unix_datagram_echo_with_socat() {
  start unix-datagram-echo "$work/socket"
  expect 'the answer' 'a datagram' \
    "$(printf 'a datagram' | socat -t 2 - "UNIX-SENDTO:$work/socket,bind=$work/client")"
}

test_http_with_curl() {
  start http
  expect 'the answer' 'Hello, world!' "$(curl -sS "http://127.0.0.1:$port/")"
}

test_clients_of_socat() {
  local tcp udp
  tcp=$(free_port)
  socat "TCP-LISTEN:$tcp,bind=127.0.0.1,fork,reuseaddr" EXEC:cat &
  servers+=($!)
  socat "UNIX-LISTEN:$work/socket,fork" EXEC:cat &
  servers+=($!)
  await_listener ":$tcp " -tln
  await_listener "$work/socket" -xl
  expect 'over TCP' 'to tcp' "$("$program" tcp-ask "127.0.0.1:$tcp" 'to tcp')"
  expect 'over a unix socket' 'to unix' "$("$program" unix-ask "$work/socket" 'to unix')"
  udp=$(free_port)
  socat "UDP-LISTEN:$udp,bind=127.0.0.1,fork" EXEC:cat &
  servers+=($!)
  await_listener ":$udp " -uln
  expect 'over UDP' 'to udp' "$("$program" udp-ask "127.0.0.1:$udp" 'to udp')"
}

test_client_of_nc() {
  local tcp
  tcp=$(free_port)
  printf 'from nc' | nc -N -l 127.0.0.1 "$tcp" >"$work/asked" &
  local server=$!
  await_listener ":$tcp " -tln
  expect 'the answer' 'from nc' "$("$program" tcp-ask "127.0.0.1:$tcp" 'from weft')"
  wait $server
  expect 'what nc got' 'from weft' "$(cat "$work/asked")"
}

# iperf3's control and data connections go through weft, which accepts and connects.
test_proxy_with_iperf() {
  local server
  server=$(free_port)
  iperf3 -s -1 -B 127.0.0.1 -p "$server" >/dev/null &
  servers+=($!)
  await_listener ":$server " -tln
  start proxy "127.0.0.1:$server"
  iperf3 -c 127.0.0.1 -p "$port" -n 50M -P 4 -J >"$work/iperf" || fail 'iperf3 failed'
  grep -q '"sum_received"' "$work/iperf" || fail "$(cat "$work/iperf")"
}

test_fifo_with_a_shell() {
  mkfifo "$work/fifo"
  start fifo-cat "$work/fifo"
  echo 'through a fifo' >"$work/fifo"
  local line
  read -r line <&3
  expect 'a line' 'through a fifo' "$line"
}

# The listener has the longest backlog that the system allows, and connections are seen from outside.
test_backlog_as_ss_sees_it() {
  start tcp-echo
  expect 'the backlog' "$(sysctl -n net.core.somaxconn 2>/dev/null || cat /proc/sys/net/core/somaxconn)" \
    "$(ss -Htln "sport = :$port" | awk '{ print $3 }')"
}

"test_$test"
