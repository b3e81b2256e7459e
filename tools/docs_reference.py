"""The reference: a page for each public header, one for each folder, and one on cancelling.

    tools/docs_reference.py <directory> <work>     writes them below <directory>

Fails if a function that is awaited says nowhere what cancelling it leaves behind.
"""

import html
import pathlib
import re
import sys

import docs_cancel
import docs_headers
import tree

VERDICTS = {"yes": "yes", "no": "**no**", "depends": "depends"}
# What combinators say to what they are made of: public, but for them only.
BETWEEN_LEAVES = {"poll_cancel", "poll_abandon"}
ESCAPED = re.compile(r"([\\*_\[\]#|])")


def prose(text):
    """Words of a comment as Markdown: `code` stays, everything else is literal."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(part if part.startswith("`") and len(part) > 2 else escape(part)
                   for part in parts)


def escape(text):
    return ESCAPED.sub(r"\\\1", html.escape(text, quote=False))


def markdown(comment):
    """A comment as paragraphs, lists and blocks of code (what is indented by two or more)."""
    result, block = [], []

    def flush():
        if block and block[0].startswith("  "):
            indent = min(len(line) - len(line.lstrip()) for line in block if line.strip())
            code = "\n".join(line[indent:] for line in block).rstrip()
            result.append(f"```cpp\n{code}\n```")
        elif block:
            result.append(prose(" ".join(block)))
        block.clear()

    for line in comment.split("\n"):
        is_code = line.startswith("  ")
        if not line.strip():
            if block and block[0].startswith("  "):
                block.append("")  # may go on behind the empty line
            else:
                flush()
            continue
        if block and is_code != block[0].startswith("  "):
            flush()
        block.append(line)
    flush()
    return "\n\n".join(result)


def first_sentence(header):
    words = " ".join(header.head.split("\n\n")[0].split())
    return words.partition(": ")[2] or words


def inherited(cls, reader):
    """Entries of internal classes that a public one is made of."""
    for refid, text in cls.bases:
        name = re.sub(r"<.*", "", text).strip().split("::")[-1]
        base = reader.classes.get(refid) or next(
            (other for other in reader.classes.values()
             if other.name.split("::")[-1] == name and "internal" in other.name), None)
        if base and "internal" in base.name:
            yield base
            yield from inherited(base, reader)


class HeaderPage:
    """The page of one header, and the rows that it adds to the page on cancelling."""

    def __init__(self, header, reader):
        self.header = header
        self.reader = reader
        self.name = f"{header.path.removesuffix('.h')}.md"
        self.folder = header.path.split("/")[0]
        self.rows = []
        self.silent = []

    def text(self):
        parts = [f"# {self.header.path}",
                 f"[{self.folder}]({'../' * self.header.path.count('/')}{self.folder}/index.md) · "
                 f"`#include <weft/{self.header.path}>`",
                 markdown(self.header.head)]
        for cls in sorted(self.header.classes, key=lambda cls: cls.line):
            parts += self.class_(cls)
        if self.header.entries:
            finder = docs_cancel.Finder(self.header, self.reader.classes)
            parts += ["## Functions, types and constants",
                      *self.entries(self.header.entries, finder, None, self.scope())]
        return "\n\n".join(parts)

    def scope(self):
        lines = "\n".join(self.reader.lines_of(self.header.path))
        namespace = re.search(r"^namespace weft::(\w+)", lines, re.MULTILINE)
        return f"{namespace[1]}::" if namespace else ""

    def class_(self, cls):
        name = cls.name.removeprefix("weft::")
        yield f"## {escape(name)}"
        yield f"```cpp\n{cls.declaration}\n```"
        if cls.comment:
            yield markdown(cls.comment)
        finder = docs_cancel.Finder(self.header, self.reader.classes)
        yield from self.entries(cls.entries, finder, cls.comment, f"{name}::")
        for base in inherited(cls, self.reader):
            if any(entry.comment for entry in base.entries):
                head = docs_headers.head_of(self.reader.lines_of(base.header))
                finder = docs_cancel.Finder(docs_headers.Header(base.header, head),
                                            self.reader.classes)
                words = base.comment or cls.comment
                yield from self.entries(base.entries, finder, words, f"{name}::")

    def entries(self, entries, finder, class_comment, scope):
        for entry in entries:
            if not entry.comment and entry.names[0] in BETWEEN_LEAVES:
                continue
            declarations = "\n".join(entry.declarations)
            yield f"```cpp\n{declarations}\n```"
            if entry.comment:
                yield markdown(entry.comment)
            if entry.awaitable:
                yield self.cancelling(entry, entries, finder, class_comment, scope)

    def cancelling(self, entry, entries, finder, class_comment, scope):
        words = finder.words(entry, entries, class_comment)
        if not words:
            where = f"{finder.header.path}:{entry.line}"
            self.silent.append(f"{where}: nothing on cancelling {entry.awaitable[0]}()")
            return ""
        verdict = VERDICTS[docs_cancel.verdict(words)]
        names = (name if name == "operator co_await" else f"{name}()"
                 for name in dict.fromkeys(entry.awaitable))
        title = ", ".join(f"`{scope}{name}`" for name in names)
        self.rows.append(f"| [{title}]({self.name}) | {verdict} | {prose(words)} |")
        is_above = words in " ".join(entry.comment.split())
        return f"*Cancel safe:* {verdict}." + ("" if is_above else f" {prose(words)}")


def folder_page(folder, pages):
    rows = []
    for page in pages:
        target = page.name.partition("/")[2]
        label = page.header.path.partition("/")[2].replace("/", "/<wbr>")
        rows.append(f"| [{label}]({target}) | {prose(first_sentence(page.header))} |")
    return "\n".join([f"# Headers of {folder}", "", "| Header | What |", "|---|---|", *rows])


def cancel_page(pages):
    parts = ["# Cancel safety", "", CANCEL_HEAD]
    for folder in sorted(pages):
        rows = [row for page in pages[folder] for row in page.rows]
        if rows:
            parts += ["", f"## {folder}", "", "| Awaited | Cancel safe | In the header's words |",
                      "|---|---|---|", *rows]
    return "\n".join(parts)


CANCEL_HEAD = """What is left when an operation is destroyed before it has completed: by an abort,
as the loser of a `select`, by a `timeout`. *Yes*: nothing is lost, and it may be begun again. *No*:
something that was read, written or counted is lost. *Depends*: the words say on what. The table is
made of the comments in the headers; the contract is in
[Cancellation](../topics/cancellation.md)."""


def write(target, work):
    """Returns the folders that have pages, in the order of the layers."""
    target = pathlib.Path(target)
    reader = docs_headers.read_headers(work)
    pages = {}
    for path, header in sorted(reader.headers.items()):
        if not header.classes and not header.entries:
            continue
        page = HeaderPage(header, reader)
        put(target / page.name, page.text())
        pages.setdefault(page.folder, []).append(page)
    for folder, its in pages.items():
        put(target / folder / "index.md", folder_page(folder, its))
    put(target / "cancel-safety.md", cancel_page(pages))
    silent = sorted({line for its in pages.values() for page in its for line in page.silent})
    if silent:
        raise SystemExit("\n".join(silent))
    return [folder.name for folder in tree.library_folders() if folder.name in pages]


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2])
