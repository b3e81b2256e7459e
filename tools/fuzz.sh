#!/usr/bin/env bash
# tools/fuzz.sh <build directory> <runs> <seconds> [<name>]: runs the fuzz targets of a build made with
# the preset `fuzz`, one after the other, each on <runs> inputs or for <seconds>, whichever ends first
# (0 seconds: no limit). With <name> only that one. See `make fuzz`.
#
# Each starts from its seeds (tests/fuzz/corpus/<name>/) and from what earlier runs found worth keeping
# (<build directory>/corpus/<name>/). An input that fails is left in <build directory>/found/ and said
# how to run again; fix it and make it a seed.

set -uo pipefail

build=$1 runs=$2 seconds=$3 only=${4:-}
cd "$(dirname "$0")/.." || exit 1

status=0 found=0
for program in "$build"/tests/fuzz/weft_fuzz_*; do
  [[ -x $program && -f $program ]] || continue
  name=${program##*/weft_fuzz_}
  [[ -z $only || $only == "$name" ]] || continue
  found=1
  mkdir -p "$build/corpus/$name" "$build/found"
  log="$build/found/$name.log" start=$SECONDS
  "$program" -runs="$runs" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$build/found/$name-" \
    "$build/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1
  failed=$?
  inputs=$(sed -nE 's/^stat::number_of_executed_units: *//p' "$log")
  if ((failed)); then
    status=1
    grep -avE '^(#[0-9]+|INFO:|\s*NEW_FUNC)' "$log" | tail -n 60
    printf '%-28s FAILED after %s inputs; again with: %s %s/found/%s-*\n' \
      "$name" "${inputs:-?}" "$program" "$build" "$name"
  else
    printf '%-28s %12s inputs  %5d s  ok\n' "$name" "${inputs:-?}" $((SECONDS - start))
  fi
done

if ((!found)); then
  echo "no fuzz target ${only:-in $build}" >&2
  exit 1
fi
exit $status
