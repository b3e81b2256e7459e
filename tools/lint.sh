#!/usr/bin/env bash
# tools/lint.sh <build directory> [<jobs>]: every rule that a machine can check. Runs all checks, then
# fails if one did. The build directory is one configured by the preset `lint` (see `make lint`).

set -uo pipefail

build=$(realpath "$1")
jobs=${2:-$(nproc)}
cd "$(dirname "$0")/.." || exit 1

failed=()
check() {
  local name=$1 log start=$SECONDS
  shift
  log=$("$@" 2>&1)
  local status=$?
  ((status)) && failed+=("$name")
  printf '%-28s%s  (%d s)\n' "$name" "$( ((status)) && echo FAILED || echo ok)" $((SECONDS - start))
  if ((status)); then printf '%s\n' "$log" | sed 's/^/    /'; fi
  return 0
}

format() { tools/tree.py formatted | xargs -r -P "$jobs" -n 16 clang-format-19 --dry-run -Werror; }

headers_alone() { cmake --build "$build" --parallel "$jobs" --target all_verify_interface_header_sets; }

# The .cc files of the library, and what compiles its umbrella headers alone. The other headers are
# checked through these (HeaderFilterRegex).
tidy() {
  local folders
  folders=$(tools/tree.py folders | paste -sd '|')
  run-clang-tidy-19 -quiet -j "$jobs" -p "$build" \
    "^(($folders)/.*\.cc|.*_verify_interface_header_sets/weft/(weft|testing/testing)\.h\.cxx)$" |
    { grep -vE '^(clang-tidy-19 |[0-9]+ warnings? |\[ *[0-9]+/|Suppressed|Use -header-filter|Enabled checks)' || true; }
}

check 'format' format
check 'file sizes' tools/check_sizes.py
check 'seams' tools/check_seams.py
check 'SAFETY comments' tools/check_safety.py
check 'memory orders' tools/check_atomics.py
check 'links' tools/check_links.py
check 'guides' tools/check_guides.py
check 'names of leaves' tools/check_leaves.py
check 'mutants' tools/loom_mutants.py --check
check 'packaging' tools/check_packaging.py
check 'examples in comments' tools/doc_examples.py
check 'spec trace' tools/spec_trace.py
check 'headers compile alone' headers_alone
check 'clang-tidy' tidy
tools/spec_trace.py | tail -n 1

if ((${#failed[@]})); then
  (IFS=,; printf 'lint: failed: %s\n' "${failed[*]}")
  exit 1
fi
echo 'lint: clean'
