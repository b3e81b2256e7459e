#!/usr/bin/env python3
"""Every relative link in a Markdown file names a file, and a heading of it if it has a #fragment; and
every page of docs/ that a source names is there."""

import re
import sys

import tree

MENTIONED = re.compile(r"(?<![\w/.-])docs/[\w/.-]+\.md\b")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")


def anchors(text):
    """The fragments that a Markdown renderer gives to the headings of `text`."""
    result = set()
    for heading in re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading))
        result.add(plain.lower().replace(" ", "-"))
    return result


def check(path):
    text = path.read_text()
    found = 0
    for match in LINK.finditer(tree.prose_of(text)):
        target, _, fragment = match[1].partition("#")
        if ":" in target:
            continue
        linked = (path.parent / target).resolve() if target else path
        broken = not linked.exists()
        if not broken and fragment and linked.suffix == ".md":
            broken = fragment not in anchors(linked.read_text())
        if broken:
            print(f"{tree.relative(path)}:{tree.line_of(text, match.start())}: broken link {match[1]}")
            found += 1
    return found


def check_mentions(path):
    text = path.read_text()
    found = 0
    for match in MENTIONED.finditer(text):
        if not (tree.ROOT / match[0]).is_file():
            print(f"{tree.relative(path)}:{tree.line_of(text, match.start())}: there is no {match[0]}")
            found += 1
    return found


def main():
    found = sum([check(path) for path in tree.all_files() if path.suffix == ".md"])
    return found + sum([check_mentions(path) for path in tree.written()]) > 0


if __name__ == "__main__":
    sys.exit(main())
