#!/usr/bin/env python3
"""Every site the compiler cannot check says why it is right.

Within six lines above a system call, a reinterpret_cast, a placement new, a manual destruction or a
coroutine_handle::from_address stands a comment `SAFETY(syscall|cast|storage|lifetime): ` with what
must hold and why it does here. `new (std::nothrow) T` looks like a placement and is none: it allocates,
and its result is owned like that of any other new.

It holds for the library and for the examples in its headers, which are there to be copied.
"""

import re
import sys

import tree
from check_seams import SYSTEM_CALL_NAME

REACH = 6
SITES = re.compile(
    SYSTEM_CALL_NAME
    + r"|\breinterpret_cast\s*<"
    + r"|\bnew\s*\((?!\s*std::nothrow\s*\))"
    + r"|\bstd::(?:construct_at|destroy_at|destroy_n|start_lifetime_as)\b"
    + r"|(?:->|\.)~\w+\s*\("
    + r"|\bfrom_address\s*\("
)
# The definition of a function with such a name is not a use of it.
NOT_A_SITE = re.compile(r"\boperator\s+new\s*\(|\bstatic\b[^;(]*\bfrom_address\s*\(")
COMMENT = re.compile(r"SAFETY\((?:syscall|cast|storage|lifetime)\): *\S")
MALFORMED = re.compile(r"//\s*SAFETY\b(?!\((?:syscall|cast|storage|lifetime)\): *\S)")


def check(path):
    source = path.read_text()
    text = tree.code_of(source)
    lines = source.split("\n")
    code_lines = text.split("\n")
    found = 0
    for number, line in enumerate(lines, 1):
        if MALFORMED.search(line):
            print(f"{tree.relative(path)}:{number}: write SAFETY(syscall|cast|storage|lifetime): reason")
            found += 1
    reported = set()
    for match in SITES.finditer(text):
        number = tree.line_of(text, match.start())
        if number in reported or NOT_A_SITE.search(code_lines[number - 1]):
            continue
        # The comment may stand on the line itself, or up to six above; its first line counts.
        above = lines[max(0, number - 1 - REACH) : number]
        if not any(COMMENT.search(line) for line in above):
            print(f"{tree.relative(path)}:{number}: no SAFETY comment for: {lines[number - 1].strip()}")
            reported.add(number)
            found += 1
    return found


def main():
    return sum([check(path) for path in [*tree.library(), *tree.doc_examples()]]) > 0


if __name__ == "__main__":
    sys.exit(main())
