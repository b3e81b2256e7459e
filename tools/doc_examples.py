#!/usr/bin/env python3
"""The examples in the headers' comments are the code that is compiled and run as tests.

tests/doc_examples/<folder>/<name>.cc holds the example of <folder>/<name>.h (a folder may lie in
another: net/socket) between `// [example]` and `// [end]`, any number of them, each with the functions that it needs around it and a test that runs
it. The same lines stand in a comment of the header, behind `//` and three spaces, without the
indentation that all of them share.

Fails on: an example that its header does not show; an example of a header that does not exist; a
public header without an example in a folder that has examples, unless it is listed in WITHOUT.
`--write` puts the examples into headers that show another one: in place of the last indented block of
the head comment, or at its end.
"""

import re
import sys
import textwrap

import tree

EXAMPLE = re.compile(r"^[ \t]*// \[example\]\n(.*?)^[ \t]*// \[end\]\n", re.DOTALL | re.MULTILINE)
# An umbrella, and what the examples of other headers show.
WITHOUT = {
    "sync/sync.h",
    "fs/fs.h",
    "io/io.h",
    "io/ready.h",
    "io/codec/codec.h",
    "net/ancillary/ancillary.h",
    "net/ancillary/control_message.h",
    "net/ancillary/message_options.h",
    "net/ancillary/received_fd_set.h",
    "net/ancillary/received_fds.h",
    "net/ancillary/unchecked.h",
    "net/connect_backoff.h",
    "net/net.h",
    "net/shutdown.h",
    "net/tcp_owned_halves.h",
    "net/tcp_split.h",
    "net/unix_owned_halves.h",
    "net/unix_split.h",
    "process/process.h",
    "runtime/metrics/task_metrics.h",
    "runtime/reactor/reactor.h",
    "stream/stream.h",
    "task/task.h",
    "sync/broadcast_error.h",
    "sync/mpsc_error.h",
    "time/time.h",
    "time/delay_key.h",
    "time/elapsed.h",
    "testing/testing.h",
}


def as_comment(code):
    lines = textwrap.dedent(code).rstrip("\n").split("\n")
    return "".join(f"//   {line}".rstrip() + "\n" for line in lines)


def shows(header, comment):
    """Whether `comment` stands in `header`, at whatever indentation."""
    stripped = "".join(line.lstrip() + "\n" for line in header.split("\n"))
    return ("\n" + comment) in ("\n" + stripped)


def replace_last_block(header, comment):
    head, guard, rest = header.partition("\n\n#ifndef")
    lines = head.split("\n")
    indented = [i for i, line in enumerate(lines) if line.startswith("//   ")]
    if not indented:
        return head + "\n//\n" + comment.rstrip("\n") + guard + rest
    end = indented[-1] + 1
    start = end
    while start > 0 and (lines[start - 1].startswith("//   ") or
                         (lines[start - 1] == "//" and lines[start - 2].startswith("//   "))):
        start -= 1
    return "\n".join(lines[:start] + [comment.rstrip("\n")] + lines[end:]) + guard + rest


def check(path, write):
    where = tree.relative(path)
    header_path = tree.ROOT / path.relative_to(tree.DOC_EXAMPLES).with_suffix(".h")
    if not header_path.exists():
        print(f"{where}:1: there is no {tree.relative(header_path)}")
        return 1
    text, found = path.read_text(), 0
    examples = list(EXAMPLE.finditer(text))
    if not examples:
        print(f"{where}:1: no example between // [example] and // [end]")
        return 1
    for match in examples:
        header, comment = header_path.read_text(), as_comment(match[1])
        if shows(header, comment):
            continue
        if write:
            header_path.write_text(replace_last_block(header, comment))
            continue
        line = tree.line_of(text, match.start())
        print(f"{where}:{line}: {tree.relative(header_path)} does not show this example")
        found += 1
    return found


def missing():
    found = 0
    for folder in sorted({path.parent for path in tree.doc_examples()}):
        for header in sorted((tree.ROOT / folder.relative_to(tree.DOC_EXAMPLES)).glob("*.h")):
            if tree.relative(header) in WITHOUT:
                continue
            if not (folder / header.name).with_suffix(".cc").exists():
                print(f"{tree.relative(header)}:1: no example in {tree.relative(folder)}")
                found += 1
    return found


def main():
    write = sys.argv[1:] == ["--write"]
    return sum(check(path, write) for path in tree.doc_examples()) + missing() > 0


if __name__ == "__main__":
    sys.exit(main())
