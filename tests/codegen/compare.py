#!/usr/bin/env python3
"""The normal build pays nothing for the seam: LocalQueue and TaskState compile to the same machine
code with loom::Atomic as with std::atomic.

    compare.py COMPILER SCRATCH-DIRECTORY INCLUDE-DIRECTORY...

Compiles protocols.cc twice, optimized, as it is and with the headers of plain/ in front of the
seam's, and compares the disassembly function by function. Fails if one differs, or if a function
that has to be there is not.
"""

import difflib
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COMPARED = re.compile(r"weft::internal::(?:BasicLocalQueue<256u?>|TaskState)::(~?\w+)[(<]")
# Without these the comparison would be of nothing.
NEEDED = set(
    "push push_unfenced push_batch pop overflow claim release_claim steal_into size free_slots"
    " init start resume_deferred suspend defer complete wake wake_by_ref abort claim_for_shutdown"
    " retain release set_join_waker drop_join_interest".split()
)


def run(command):
    result = subprocess.run(command, text=True, capture_output=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def functions(compiler, target, includes):
    """Name of each compared function -> its instructions."""
    options = ["-std=c++20", "-O2", "-DNDEBUG", "-ffunction-sections", "-c"]
    run([compiler, *options, *(f"-I{i}" for i in includes), HERE / "protocols.cc", "-o", target])
    # One section a function, so addresses count from its beginning; relocations name what it calls.
    text = run(["objdump", "-dr", "-C", "--no-show-raw-insn", target])
    found, lines = {}, None
    for line in text.splitlines():
        head = re.match(r"^[0-9a-f]+ <(.*)>:$", line)
        if head:
            lines = found.setdefault(head.group(1), []) if COMPARED.search(head.group(1)) else None
        elif lines is not None and line.strip() and not line.startswith("Disassembly"):
            lines.append(re.sub(r"\s+", " ", line.strip()))
    return found


def main():
    compiler, scratch, includes = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    scratch.mkdir(parents=True, exist_ok=True)
    name = pathlib.Path(compiler).name
    seam = functions(compiler, scratch / f"{name}-seam.o", [*includes, ROOT])
    plain = functions(compiler, scratch / f"{name}-plain.o", [HERE / "plain", *includes, ROOT])

    missing = NEEDED - {COMPARED.search(function).group(1) for function in seam}
    failed = [f"{function}() is not in the object file" for function in sorted(missing)]
    for function in sorted(seam.keys() | plain.keys()):
        one, other = seam.get(function, []), plain.get(function, [])
        if one != other:
            failed.append(f"{function} differs:")
            failed += difflib.unified_diff(other, one, "std::atomic", "loom::Atomic", lineterm="")
    instructions = sum(map(len, seam.values()))
    print(f"{name}: {len(seam)} functions, {instructions} instructions and relocations compared")
    for line in failed:
        print(line)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
