#!/usr/bin/env bash
# tools/setup.sh <group>...: makes the Debian packages of these groups present.
#
#   build      compile, test, benchmark
#   test       clients that the examples are tried with, libraries that weft is used beside, gdb
#   cares      c-ares, for builds with WEFT_CARES
#   sanitize   readable stacks in sanitizer reports
#   lint       analysis and formatting
#   guard      counting instructions
#   docs       the documentation site
#   docs-check a browser to look at it
#   deb        building the Debian package and trying it
#   peers      other runtimes to measure beside weft, and what builds them
#
# Quick and silent when nothing is missing (one dpkg-query, no network). As root on a Debian with apt
# it installs what is missing; elsewhere it says what to install and fails.

set -euo pipefail

declare -A packages=(
  [build]="clang-19 libclang-rt-19-dev g++ cmake ninja-build ccache libgtest-dev libgmock-dev libbenchmark-dev libboost-context-dev pkg-config git"
  [test]="netcat-openbsd curl wrk socat iperf3 iproute2 redis-tools libasio-dev libtbb-dev gdb python3"
  [cares]="libc-ares-dev"
  [sanitize]="llvm-19"
  [lint]="clang-tidy-19 clang-format-19 python3"
  [guard]="valgrind python3"
  [docs]="mkdocs mkdocs-material doxygen python3"
  [docs-check]="chromium python3"
  [deb]="debhelper dpkg-dev debootstrap"
  [peers]="cargo librust-tokio-dev golang-go libtbb-dev libuv1-dev libasio-dev wrk python3"
)

# Tools by another name, for systems without dpkg: there, presence of the commands is what counts.
declare -A commands=(
  [build]="clang++-19 g++ cmake ninja git"
  [test]="nc curl wrk socat iperf3 ss redis-cli redis-benchmark gdb python3"
  [cares]=""
  [sanitize]=""
  [lint]="clang-tidy-19 run-clang-tidy-19 clang-format-19 python3"
  [guard]="valgrind python3"
  [docs]="mkdocs doxygen python3"
  [docs-check]="chromium python3"
  [deb]="dpkg-buildpackage dh debootstrap"
  [peers]="cargo go wrk python3"
)

say() { printf 'weft setup: %s\n' "$*" >&2; }

missing_packages() {
  local wanted=("$@") installed package
  installed=" $(dpkg-query -W -f='${Package}=${db:Status-Status} ' "${wanted[@]}" 2>/dev/null || true) "
  for package in "${wanted[@]}"; do
    [[ $installed == *" $package=installed "* ]] || echo "$package"
  done
}

wanted=() tools=()
for group in "$@"; do
  [[ -v packages[$group] ]] || { say "unknown group '$group'"; exit 2; }
  read -ra more <<<"${packages[$group]}"
  wanted+=("${more[@]}")
  read -ra more <<<"${commands[$group]}"
  tools+=("${more[@]}")
done

if ! command -v dpkg-query >/dev/null; then
  for tool in "${tools[@]}"; do
    command -v "$tool" >/dev/null && continue
    say "'$tool' is missing, and this system has no dpkg to install it with."
    say "Install what Debian 12 calls: ${wanted[*]}"
    exit 1
  done
  exit 0
fi

mapfile -t missing < <(missing_packages "${wanted[@]}")
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null || ((EUID != 0)); then
  # ccache only makes rebuilds faster: worth installing, not worth stopping for.
  [[ ${missing[*]} != ccache ]] || exit 0
  say "these packages are missing: ${missing[*]}"
  say "as root, run:  apt-get install ${missing[*]}"
  exit 1
fi

say "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
install=(apt-get install -y -q -o DPkg::Lock::Timeout=120 --no-install-recommends "${missing[@]}")
# Lists may be absent (a fresh system) or stale (a moved version): then update and try again.
if ! log=$("${install[@]}" 2>&1); then
  if ! { log=$(apt-get update -q 2>&1) && log=$("${install[@]}" 2>&1); }; then
    printf '%s\n' "$log" >&2
    say "apt-get failed; install these by hand: ${missing[*]}"
    say "(clang 19 and all the others are in Debian 12: bookworm main must be among the package sources)"
    exit 1
  fi
fi
