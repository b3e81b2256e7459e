#!/usr/bin/env python3
"""Every leaf of the library has a name in dumps (runtime/leaf.h): a class that derives from Leaf, and a
class ...State that an InPlaceAwaitable of its header is made of, have a kWaitingOn, or derive from a
class that does. Without it a dump says "leaf".
"""

import re
import sys

import tree

CLASS = re.compile(r"\b(?:class|struct) (?:\[\[\w+\]\] )?(?:[\w<>, ]+::)*(\w+)(?:<[^{;]*>)?\s*"
                   r"(?:final\s*)?(?::\s*((?:public|private|protected)[^{;]*))?\{")
LEAF = re.compile(r"\bpublic (?:\w+::)*Leaf\b")
POLLED = re.compile(r"\bbool poll\((?:\w+::)*Context&")


def body_of(code, start):
    """From `start`, just behind a brace, to its match."""
    depth = 1
    for place in range(start, len(code)):
        depth += (code[place] == "{") - (code[place] == "}")
        if depth == 0:
            return code[start:place]
    return code[start:]


def main():
    classes = []
    for path in tree.library():
        code = tree.code_of(path.read_text())
        for match in CLASS.finditer(code):
            where = f"{tree.relative(path)}:{tree.line_of(code, match.start())}"
            is_state = match[1].endswith("State") and "InPlaceAwaitable" in code
            classes.append((where, match[1], match[2] or "", body_of(code, match.end()), is_state))
    named = {name for _, name, _, body, _ in classes if "kWaitingOn" in body}
    found = 0
    for where, name, bases, body, is_state in classes:
        is_leaf = LEAF.search(bases) or is_state and POLLED.search(body)
        if not is_leaf or "kWaitingOn" in body or named & set(re.findall(r"\w+", bases)):
            continue
        print(f"{where}: {name} has no kWaitingOn: a dump calls it \"leaf\"")
        found += 1
    return found > 0


if __name__ == "__main__":
    sys.exit(main())
