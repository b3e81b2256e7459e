#!/usr/bin/env python3
"""Files of at most 500 lines: beyond that a file has a second job, to be found and named."""

import sys

import tree

LIMIT = 500


def main():
    found = 0
    for path in tree.written():
        lines = path.read_text().count("\n")
        if lines > LIMIT:
            print(f"{tree.relative(path)}:{LIMIT + 1}: {lines} lines, the limit is {LIMIT}")
            found += 1
    return found > 0


if __name__ == "__main__":
    sys.exit(main())
