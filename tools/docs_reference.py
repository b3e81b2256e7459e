"""The reference: a page for each public header, one for each folder, and one on cancelling.

    tools/docs_reference.py <directory> <work>     writes them below <directory>; as a module: write()

Fails if a function that is awaited says nowhere what cancelling it leaves behind.
"""

import html
import pathlib
import re
import sys

import docs_cancel
import docs_headers
import tree

VERDICTS = {"yes": "yes", "no": "**no**", "depends": "see there"}
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


class Pages:
    def __init__(self, reader, target):
        self.reader = reader
        self.target = target
        self.rows = {}  # by folder, for the page on cancelling
        self.silent = []

    def entry(self, entry, entries, owner, finder, where):
        shown = "\n".join(entry.declarations)
        yield f"```cpp\n{shown}\n```"
        if entry.comment:
            yield markdown(entry.comment)
        if not entry.awaitable:
            return
        words = finder.words(entry, entries, owner)
        if not words:
            self.silent.append(f"{where}:{entry.line}: nothing on cancelling {entry.awaitable[0]}()")
            return
        verdict = docs_cancel.verdict(words)
        is_above = words in " ".join(entry.comment.split())
        yield f"*Cancel safe:* {VERDICTS[verdict]}." + ("" if is_above else f" {prose(words)}")
        self.rows.setdefault(self.folder, []).append(
            (self.title_of(entry, owner), self.page, verdict, words))

    def title_of(self, entry, owner):
        names = list(dict.fromkeys(entry.awaitable))
        scope = f"{owner.name.removeprefix('weft::')}::" if owner else self.scope
        return ", ".join(f"`{scope}{name}`" if name == "operator co_await" else f"`{scope}{name}()`"
                         for name in names)

    def entries(self, entries, owner, header):
        finder = docs_cancel.Finder(header, self.reader.classes)
        for entry in entries:
            yield from self.entry(entry, entries, self.owner or owner, finder, header.path)

    def class_(self, cls, header):
        self.owner = None
        yield f"## {escape(cls.name.removeprefix('weft::'))}"
        yield f"```cpp\n{cls.declaration}\n```"
        if cls.comment:
            yield markdown(cls.comment)
        yield from self.entries(cls.entries, cls, header)
        for base in inherited(cls, self.reader):
            if not any(entry.comment for entry in base.entries):
                continue
            # What it says of cancelling stands in its own file; the name is that of the public class.
            self.owner = docs_headers.Class(cls.name, base.comment or cls.comment, "", "", 0, [])
            base_header = docs_headers.Header(
                base.header, docs_headers.head_of(self.reader.lines_of(base.header)))
            yield from self.entries(base.entries, base, base_header)
        self.owner = None

    def header(self, header):
        path = header.path.removesuffix(".h")
        self.folder, self.page, self.owner = path.split("/")[0], f"{path}.md", None
        namespace = re.search(r"^namespace weft(?:::(\w+))?",
                              "\n".join(self.reader.lines_of(header.path)), re.MULTILINE)
        self.scope = f"{namespace[1]}::" if namespace and namespace[1] else ""
        up = "../" * header.path.count("/")
        parts = [f"# {header.path}", f"[{self.folder}]({up}{self.folder}/index.md) · "
                 f"`#include <weft/{header.path}>`", markdown(header.head)]
        for cls in sorted(header.classes, key=lambda cls: cls.line):
            parts += self.class_(cls, header)
        free = list(self.entries(header.entries, None, header)) if header.entries else []
        if free:
            parts += ["## Functions, types and constants", *free]
        self.write(self.page, "\n\n".join(parts))

    def folder_page(self, folder, headers):
        parts = [f"# Headers of {folder}", "| Header | What |\n|---|---|\n" + "\n".join(
            f"| [{header.path}]({header.path.partition('/')[2].removesuffix('.h')}.md) "
            f"| {prose(first_sentence(header))} |" for header in headers)]
        self.write(f"{folder}/index.md", "\n\n".join(parts))

    def cancel_page(self):
        parts = ["# Cancel safety", CANCEL_HEAD]
        for folder, rows in sorted(self.rows.items()):
            parts += [f"## {folder}", "| Awaited | Cancel safe | In the header's words |\n|---|---|---|\n"
                      + "\n".join(f"| [{title}]({page}) | {VERDICTS[verdict]} | {prose(words)} |"
                                  for title, page, verdict, words in rows)]
        self.write("cancel-safety.md", "\n\n".join(parts))

    def write(self, name, text):
        path = self.target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


CANCEL_HEAD = """What is left when an operation is destroyed before it has completed: by an abort, as the loser of
a `select`, by a `timeout`. *Yes*: nothing is lost, and it may be begun again. *No*: something that was
read, written or counted is lost. *See there*: it depends, and the words say on what. The table is made
of the comments in the headers; the contract is in [Cancellation](../topics/cancellation.md)."""


def write(target, work):
    reader = docs_headers.read_headers(work)
    pages = Pages(reader, pathlib.Path(target))
    folders = {}
    for path in sorted(reader.headers):
        header = reader.headers[path]
        if header.classes or header.entries:
            pages.header(header)
            folders.setdefault(path.split("/")[0], []).append(header)
    order = [folder.name for folder in tree.library_folders()]
    for folder in order:
        if folder in folders:
            pages.folder_page(folder, folders[folder])
    pages.cancel_page()
    if pages.silent:
        raise SystemExit("\n".join(sorted(set(pages.silent))))
    return [folder for folder in order if folder in folders]


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2])
