#!/usr/bin/env python3
"""What a page shows is what is compiled and run.

In the folders of pages for users each block of C++, CMake or program output is preceded by a line

    <!-- file: examples/model_checking/ring.h -->

and is, line by line, a part of that file, which the build compiles or a test compares. Other text, such
as a few lines of a protocol, is for reading. In all other pages there is no block of code, but for
those of README.md: tests/install/step.cmake takes its first block of C++ and of CMake and builds them.

    tools/check_guides.py --write     takes the new text for blocks whose first and last line are still
                                      in their file
"""

import re
import sys

import tree

FOLDERS = ("guide", "tutorial", "topics", "coming-from", "reference")
BLOCK = re.compile(r"(?:^<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
                   re.DOTALL | re.MULTILINE)
# Commands for a shell, and text that is no program's.
FREE = {"sh", "text"}
# Pages for those who work on weft have pictures made of characters, too.
FREE_ELSEWHERE = FREE | {""}
# How many blocks of which language are built as they stand there.
EXTRACTED = {"README.md": {"cpp": 1, "cmake": 1}}


def renewed(match):
    """The block as its file has it now, from its first line to its last."""
    path = tree.ROOT / (match["file"] or "")
    shown = match["text"].rstrip("\n").split("\n")
    if not match["file"] or not path.is_file():
        return match[0]
    lines = path.read_text().split("\n")
    if shown[0] not in lines or shown[-1] not in lines[lines.index(shown[0]):]:
        return match[0]
    start = lines.index(shown[0])
    now = "\n".join(lines[start:lines.index(shown[-1], start) + 1])
    return match[0].replace(match["text"], now + "\n")


def check(path, write):
    if write:
        path.write_text(BLOCK.sub(renewed, path.read_text()))
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


def check_elsewhere(path):
    text = path.read_text()
    left = dict(EXTRACTED.get(tree.relative(path), {}))
    found = 0
    for match in BLOCK.finditer(text):
        language = match["language"]
        if language in FREE_ELSEWHERE:
            continue
        left[language] = left.get(language, 0) - 1
        if left[language] < 0:
            line = tree.line_of(text, match.start())
            print(f"{tree.relative(path)}:{line}: a block of code that nothing compiles")
            found += 1
    return found


def main():
    write = sys.argv[1:] == ["--write"]
    pages = [path for folder in FOLDERS for path in sorted((tree.ROOT / "docs" / folder).glob("**/*.md"))]
    pages.append(tree.ROOT / "docs" / "index.md")
    others = [path for path in tree.all_files() if path.suffix == ".md" and path not in pages]
    return sum([check(path, write) for path in pages]) + sum(map(check_elsewhere, others)) > 0


if __name__ == "__main__":
    sys.exit(main())
