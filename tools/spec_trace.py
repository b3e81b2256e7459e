#!/usr/bin/env python3
"""Which statements of the specification have a test, and which tests cite none.

A statement starts a line of docs/spec/*.md: `**R-12.** text`. Its id without dashes is the name of the
test suite that checks it: TEST(R12, FirstPollRunsOnAWorker). Only suite names cite.

A statement may carry a mark after its number, in brackets: `[later]` (not implemented yet) or
`[not testable: reason]`. Statements that are implemented and have no test yet stand in
tools/spec_trace_allow.txt, one id a line (`#` starts a comment); that list only shrinks: an id in it
that has a test, is marked, or does not exist is an error too.

Fails on: a statement without a test that is neither marked nor listed; a number used twice; a test
that cites a statement that does not exist; a unit test whose suite is no statement; a `[later]`
statement that has a test (remove the mark). `--list` names every statement with its state.
"""

import re
import sys

import tree

STATEMENT = re.compile(
    r"^\*\*(?P<id>[A-Z]{1,3}-[A-Z]?\d+[a-z]?)\.\*\* *(?:\[(?P<mark>later|not testable: [^\]]+)\])?",
    re.MULTILINE,
)
TEST = re.compile(r"^[ \t]*(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
SUITE_ID = re.compile(r"[A-Z]{1,3}\d+[a-z]?")
ALLOW_LIST = tree.ROOT / "tools" / "spec_trace_allow.txt"


def statements():
    """id without dashes -> (where, mark); and the complaints about numbers used twice."""
    found, complaints = {}, []
    for path in sorted((tree.ROOT / "docs" / "spec").glob("*.md")):
        text = tree.prose_of(path.read_text())
        for match in STATEMENT.finditer(text):
            where = f"{tree.relative(path)}:{tree.line_of(text, match.start())}"
            name = match["id"].replace("-", "")
            if name in found:
                complaints.append(f"{where}: {match['id']} is already at {found[name][0]}")
            found.setdefault(name, (where, match["mark"]))
    return found, complaints


def tests():
    """suite -> list of places."""
    found = {}
    for path in tree.all_files(tree.ROOT / "tests"):
        if path.suffix not in tree.CXX_SUFFIXES:
            continue
        text = tree.code_of(path.read_text())
        for match in TEST.finditer(text):
            where = f"{tree.relative(path)}:{tree.line_of(text, match.start())}"
            found.setdefault(match[1], []).append(where)
    return found


def allowed():
    if not ALLOW_LIST.exists():
        return set()
    lines = (line.split("#")[0].strip() for line in ALLOW_LIST.read_text().splitlines())
    return {line.replace("-", "") for line in lines if line}


def state(name, mark, suites, allow):
    if name in suites:
        return "tested"
    if mark:
        return mark.split(":")[0]
    return "missing, allowed" if name in allow else "missing"


# These folders serve the others and have no numbered statements of their own: suites name the class.
UNNUMBERED = ("tests/unit/base/", "tests/unit/loom/")


def complaints_about(spec, suites, allow):
    for name, (where, mark) in spec.items():
        if state(name, mark, suites, allow) == "missing":
            yield f"{where}: {name} has no test"
        if mark == "later" and name in suites:
            yield f"{where}: {name} has a test: remove its mark [later]"
    for suite, places in suites.items():
        if suite in spec:
            continue
        if SUITE_ID.fullmatch(suite):
            yield f"{places[0]}: {suite} is no statement of docs/spec"
        elif places[0].startswith("tests/unit/") and not places[0].startswith(UNNUMBERED):
            yield f"{places[0]}: suite {suite} is not named after a statement"
    for name in sorted(allow):
        if name not in spec:
            yield f"tools/spec_trace_allow.txt: {name} is no statement of docs/spec"
        elif name in suites or spec[name][1]:
            yield f"tools/spec_trace_allow.txt: {name} is tested or marked: remove it from the list"


def main():
    spec, complaints = statements()
    suites, allow = tests(), allowed()
    counts = {}
    for name, (where, mark) in spec.items():
        current = state(name, mark, suites, allow)
        counts[current] = counts.get(current, 0) + 1
        if "--list" in sys.argv[1:]:
            print(f"{name:8}{current:20}{where}")
    complaints += complaints_about(spec, suites, allow)
    for line in complaints:
        print(line)
    summary = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    print(f"spec trace: {len(spec)} statements: {summary or 'none'}")
    return len(complaints) > 0


if __name__ == "__main__":
    sys.exit(main())
