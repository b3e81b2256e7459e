#!/usr/bin/env python3
"""make bench-guard: counts the instructions of a few operations and compares them with bounds.

    tools/bench_guard.py <guard program> <bounds file>

Each check of benches/guard/guard.cc runs twice under callgrind, with different numbers of iterations;
the difference is what the additional ones took, without the start and the end of the program. The
counts depend on the compiler and the C++ library, not on the machine's speed or load. What the
kernel does in the meantime can shift them a little, so one that is too high is taken again, and the
least counts.

A line of the bounds file is `<check> <instructions at most> <why so many>`.
"""

import concurrent.futures
import os
import re
import subprocess
import sys

FEW, MANY = 2_000, 6_000
ATTEMPTS = 3
# A bound so far above the count would let half of the improvement be lost again unnoticed.
WORTH_LOWERING = 0.85


def instructions(program, check, iterations):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, check]
    result = subprocess.run(
        [*command, str(iterations)], capture_output=True, text=True, timeout=300, check=False,
    )
    collected = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode or collected is None:
        raise SystemExit(f"{' '.join(command)} {iterations} failed:\n{result.stderr}")
    return int(collected.group(1))


def count(program, check):
    difference = instructions(program, check, MANY) - instructions(program, check, FEW)
    return difference / (MANY - FEW)


def least_count(program, check, bound):
    least = count(program, check)
    for _ in range(1, ATTEMPTS):
        if least <= bound:
            break
        least = min(least, count(program, check))
    return least


def read_bounds(path):
    bounds = {}
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            words = line.split(maxsplit=2)
            if len(words) < 3 or not words[1].isdigit():
                raise SystemExit(f"{path}:{number}: write `<check> <instructions at most> <why>`")
            bounds[words[0]] = int(words[1])
    return bounds


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    program, path = sys.argv[1:]
    bounds = read_bounds(path)
    listed = subprocess.run([program, "list"], capture_output=True, text=True, check=True)
    checks = listed.stdout.split()
    if set(checks) != set(bounds):
        raise SystemExit(f"{path} and {program} differ in: {sorted(set(checks) ^ set(bounds))}")

    failed = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = pool.map(lambda check: least_count(program, check, bounds[check]), checks)
        for check, found in zip(checks, counts):
            bound = bounds[check]
            verdict = "ok"
            if found > bound:
                verdict = "TOO MANY: make it cheaper, or raise the bound and say why"
                failed.append(check)
            elif found < WORTH_LOWERING * bound:
                verdict = "ok; the bound can be lowered"
            print(f"{check:12}{found:10.1f} instructions, at most {bound}  {verdict}")
    if failed:
        raise SystemExit(f"bench-guard: failed: {', '.join(failed)}")
    print("bench-guard: all within bounds")


if __name__ == "__main__":
    main()
