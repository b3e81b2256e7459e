#!/usr/bin/env python3
"""Every atomic operation names its memory order, and there are no fences.

A default order is seq_cst without a reason, and a reader cannot tell whether it was meant; thread
sanitizer does not see fences. An order may also be passed on: a parameter or constant whose name
contains "order" counts. (loom/ itself, which passes on all orders, is exempt from the first rule.)
"""

import re
import sys

import tree

OPERATION = re.compile(
    r"(?:\.|->)\s*(load|store|exchange|compare_exchange_(?:weak|strong)"
    r"|fetch_(?:add|sub|and|or|xor|max|min)|test_and_set)\s*\("
)
FENCE = re.compile(r"\batomic_(?:thread|signal)_fence\b")
NAMED_ORDER = re.compile(r"memory_order|order", re.IGNORECASE)


def arguments(text, opening):
    """The text between the parenthesis at `opening` and its partner."""
    depth = 0
    for offset in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[offset], 0)
        if depth == 0:
            return text[opening + 1 : offset]
    return text[opening + 1 :]


def check(path):
    text = tree.code_of(path.read_text())
    found = 0
    in_seam = tree.relative(path).startswith("loom/")
    for match in () if in_seam else OPERATION.finditer(text):
        if not NAMED_ORDER.search(arguments(text, match.end() - 1)):
            line = tree.line_of(text, match.start())
            print(f"{tree.relative(path)}:{line}: {match.group(1)} without a memory order")
            found += 1
    for match in FENCE.finditer(text):
        line = tree.line_of(text, match.start())
        print(f"{tree.relative(path)}:{line}: a fence: order an atomic operation instead")
        found += 1
    return found


def main():
    return sum([check(path) for path in tree.library()]) > 0


if __name__ == "__main__":
    sys.exit(main())
