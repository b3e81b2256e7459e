#!/usr/bin/env python3
"""Builds the documentation site.

    tools/docs.py            build/docs, from docs/, the headers and what they link to

The pages are copied to build/docs-source, where mkdocs finds them. A link that leads out of docs/,
to a source file or a directory, leads to a page that shows it, so that the site is complete in
itself. The reference is made by tools/docs_reference.py. mkdocs is strict, and afterwards every
link of the built pages is followed once more.
"""

import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

import docs_reference
import tree

DOCS = tree.ROOT / "docs"
BUILD = tree.ROOT / "build"
SOURCE = BUILD / "docs-source"
SITE = BUILD / "docs"
SHOWN = "source"  # the folder of pages that show files of the tree
LINK = re.compile(r"(?<!!)(\[[^\]\n]*\])\(([^)\s]+)\)")
ENTRY = re.compile(r"^ +- .*?(\S+\.md)$", re.MULTILINE)  # of the navigation
CODE = re.compile(r"^(?P<fence>```+).*?^(?P=fence)$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
LANGUAGES = {".h": "cpp", ".cc": "cpp", ".py": "python", ".sh": "bash", ".txt": "cmake",
             ".cmake": "cmake"}


class Stage:
    """Copies pages, and pages for what they link to."""

    def __init__(self):
        self.pending = []
        self.placed = {}  # file of the tree -> page

    def place_of(self, path):
        """The page for a file or directory of the tree."""
        if path not in self.placed:
            name = tree.relative(path) if path != tree.ROOT else "README.md"
            if path.is_relative_to(DOCS) and path.is_file():
                self.placed[path] = SOURCE / path.relative_to(DOCS)
            elif path.is_dir() and (path / "README.md").is_file():
                self.placed[path] = self.place_of(path / "README.md")
                return self.placed[path]
            else:
                self.placed[path] = SOURCE / SHOWN / (name.removesuffix(".md") + ".md")
            self.pending.append(path)
        return self.placed[path]

    def run(self):
        for path in tree.all_files(DOCS):
            self.place_of(path)
        while self.pending:
            path = self.pending.pop()
            page = self.placed[path]
            page.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".md":
                page.write_text(self.with_links(path.read_text(), path, page))
            elif path.is_relative_to(DOCS) and path.is_file():
                shutil.copyfile(path, page)
            else:
                page.write_text(self.showing(path, page))

    def showing(self, path, page):
        head = f"---\nsearch:\n  exclude: true\n---\n\n# {tree.relative(path)}\n\n"
        if path.is_dir():
            items = [item for item in sorted(path.iterdir())
                     if item.name not in tree.SKIPPED_DIRECTORIES]
            links = [os.path.relpath(self.place_of(item), page.parent) for item in items]
            return head + "\n".join(f"- [{item.name}]({link})" for item, link in zip(items, links))
        fence = "`" * 4
        return f"{head}{fence}{LANGUAGES.get(path.suffix, 'text')}\n{path.read_text()}{fence}\n"

    def with_links(self, text, path, page):
        def moved(match):
            target, hash_sign, fragment = match[2].partition("#")
            if ":" in target or not target:
                return match[0]
            linked = (path.parent / target).resolve()
            place = self.place_of(linked)
            label = match[1]
            if label == f"[{target}]" and linked.suffix == ".md":
                label = f"[{title_of(linked)}]"  # in the tree a path says most, in the site a title
            return f"{label}({os.path.relpath(place, page.parent)}{hash_sign}{fragment})"

        parts, end = [], 0
        for code in CODE.finditer(text):
            parts += [LINK.sub(moved, text[end:code.start()]), code[0]]
            end = code.end()
        # A comment that names a block's file is for tools/check_guides.py.
        return re.sub(r"^<!-- file: .* -->\n", "", "".join([*parts, LINK.sub(moved, text[end:])]),
                      flags=re.MULTILINE)


def title_of(path):
    heading = re.search(r"^# +(.+)$", path.read_text(), re.MULTILINE)
    return heading[1] if heading else path.name


def navigation(folders):
    """mkdocs.yml, with the pages of folders that no entry names in place of `- folder/`."""
    given = (tree.ROOT / "mkdocs.yml").read_text()
    named = {SOURCE / name for name in ENTRY.findall(given)}
    lines = []
    for line in given.split("\n"):
        match = re.match(r"^( +)- (\S+)/$", line)
        if not match:
            lines.append(line)
        elif match[2] == "reference/folders":
            for folder in folders:
                lines.append(f"{match[1]}- {folder}:")
                pages = sorted((SOURCE / "reference" / folder).rglob("*.md"),
                               key=lambda page: (page.name != "index.md", page))
                lines += [f"{match[1]}    - {page.relative_to(SOURCE)}" for page in pages]
        else:
            pages = sorted(set((SOURCE / match[2]).glob("*.md")) - named,
                           key=lambda page: (page.name != "README.md", page.name))
            lines += [f"{match[1]}- {page.relative_to(SOURCE)}" for page in pages]
    text = "\n".join(lines)
    return re.sub(r"(docs_dir|site_dir|custom_dir): (\S+)", rf"\1: {tree.ROOT}/\2", text)


def unreached(configuration):
    """Pages of docs/ that are in no entry of the navigation, which mkdocs only mentions."""
    reached = set(ENTRY.findall(configuration))
    for path in tree.all_files(DOCS):
        name = str(path.relative_to(DOCS))
        if path.suffix == ".md" and name not in reached:
            yield f"docs/{name}: in no entry of the navigation in mkdocs.yml"


def list_decisions():
    """The records, on the page about them: on a phone the navigation is out of sight."""
    page = SOURCE / "decisions" / "README.md"
    lines = [f"- [{title_of(record)}]({record.name})"
             for record in sorted(page.parent.glob("0*.md"))]
    page.write_text(page.read_text().replace("<!-- pages: decisions -->", "\n".join(lines)))


def fill_in(page, folders):
    """Links to the pages that are made, where a comment in the page has room for them."""
    text = page.read_text().replace("<!-- pages: cancel-safety -->",
                                    "[Cancel safety of every function](cancel-safety.md)")
    text, count = re.subn(r"<!-- folder -->(\w+)", r"[\1](\1/index.md)", text)
    page.write_text(text)
    return count == len(folders)


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids.update(values[name] for name in ("id", "name") if values.get(name))
        self.links += [values[name] for name in ("href", "src") if values.get(name)]


def broken_links():
    pages = {path: Page(path) for path in sorted(SITE.rglob("*.html"))}
    for path, page in pages.items():
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            where = f"{path.relative_to(SITE)}: {link}"
            if parts.scheme == "data" or path.name == "404.html":
                continue
            if parts.scheme or parts.netloc:
                if "squidfunk.github.io" not in link:  # the theme's makers
                    yield f"{where}: leads out of the site"
                continue
            name = urllib.parse.unquote(parts.path)
            target = (path.parent / name).resolve() if name else path
            if not target.exists():
                yield f"{where}: no such file"
            elif parts.fragment and target in pages:
                if urllib.parse.unquote(parts.fragment) not in pages[target].ids:
                    yield f"{where}: no such place in it"


def write_offline_search():
    """What lets the search work where pages are opened as files: nothing can be fetched there."""
    index = json.loads((SITE / "search" / "search_index.json").read_text())
    worker = next((SITE / "assets" / "javascripts" / "workers").glob("search*.js")).read_text()
    (SITE / "assets" / "search_offline.js").write_text(
        f"var __search = {{\n  index: Promise.resolve({json.dumps(index)}),\n"
        f"  worker: URL.createObjectURL(new Blob([{json.dumps(worker)}]))\n}};\n")


def main():
    for directory in (SOURCE, SITE):
        shutil.rmtree(directory, ignore_errors=True)
    Stage().run()
    list_decisions()
    folders = docs_reference.write(SOURCE / "reference", BUILD / "docs-doxygen")
    if not fill_in(SOURCE / "reference" / "index.md", folders):
        print(f"docs/reference/index.md: a row for each of {' '.join(folders)}, and no other")
        return 1
    configuration = BUILD / "docs-mkdocs.yml"
    configuration.write_text(navigation(folders))
    lost = list(unreached(configuration.read_text()))
    if lost:
        print("\n".join(lost))
        return 1
    done = subprocess.run(["mkdocs", "build", "--strict", "--config-file", configuration],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        print("\n".join(line for line in done.stdout.split("\n")
                        if not line.startswith(("INFO", "  - "))))
        return 1
    write_offline_search()
    broken = list(broken_links())
    print("\n".join(broken) if broken else f"{SITE}/index.html")
    return len(broken) > 0


if __name__ == "__main__":
    sys.exit(main())
