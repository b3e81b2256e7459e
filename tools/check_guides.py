#!/usr/bin/env python3
"""What a guide shows is what is compiled and run.

In docs/guide/ each block of C++, CMake or program output is preceded by a line

    <!-- file: examples/model_checking/ring.h -->

and is, line by line, a part of that file, which the build compiles or a test compares.
"""

import re
import sys

import tree

GUIDES = tree.ROOT / "docs" / "guide"
BLOCK = re.compile(r"(?:^<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
                   re.DOTALL | re.MULTILINE)
# Commands for a shell are for reading.
FREE = {"sh"}


def check(path):
    text = path.read_text()
    found = 0
    for match in BLOCK.finditer(text):
        problem = None
        if match["file"] is None:
            if match["language"] not in FREE:
                problem = "a block of code without a line <!-- file: ... --> above it"
        elif not (tree.ROOT / match["file"]).is_file():
            problem = f"there is no file {match['file']}"
        elif "\n" + match["text"] not in "\n" + (tree.ROOT / match["file"]).read_text():
            problem = f"differs from {match['file']}"
        if problem:
            print(f"{tree.relative(path)}:{tree.line_of(text, match.start())}: {problem}")
            found += 1
    return found


def main():
    return sum([check(path) for path in sorted(GUIDES.glob("**/*.md"))]) > 0


if __name__ == "__main__":
    sys.exit(main())
