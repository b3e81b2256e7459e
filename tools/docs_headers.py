"""The public headers, as Doxygen understands them and as their authors wrote them.

Doxygen knows the structure: which names there are, in which class, public or not. The words and the
declarations come from the files themselves, so that the reference shows what the header shows.
"""

import dataclasses
import pathlib
import re
import shutil
import subprocess
import textwrap
import xml.etree.ElementTree as ElementTree

import docs_comments
import tree

# Parts of a folder that are no promise, though they are not called internal: docs/style.md.
MECHANISMS = ("runtime/blocking/", "runtime/coroutine/", "runtime/driver/", "runtime/scheduler/",
              "runtime/task/", "runtime/main/", "loom/checker/")
PLATFORMS = ("/linux/", "/kqueue/", "/cares/", "/system/")
# Types that can be awaited, and whose names others have that cannot.
NOT_AWAITED = {"Receiver", "Sender", "JoinHandle"}
PLAIN = {"void", "bool", "std", "const", "AbortHandle", "TaskId", "Poll"}
AWAITED_WORDS = r"Yields|Waits|Completes|Ends with|The arguments yield|Awaitable:|An awaitable"
KINDS = ("function", "typedef", "variable", "enum")


@dataclasses.dataclass
class Entry:
    """One or several declarations with one comment."""

    names: list
    comment: str
    declarations: list
    line: int
    kinds: set
    awaitable: list = dataclasses.field(default_factory=list)  # those of `names` that are awaited


@dataclasses.dataclass
class Class:
    name: str
    comment: str
    declaration: str
    header: str
    line: int
    bases: list
    entries: list = dataclasses.field(default_factory=list)
    awaited: bool = False  # has operator co_await


@dataclasses.dataclass
class Header:
    path: str
    head: str
    classes: list = dataclasses.field(default_factory=list)
    entries: list = dataclasses.field(default_factory=list)


def is_public(path):
    name = tree.relative(path)
    return ("/internal/" not in name and not name.startswith(MECHANISMS)
            and not any(part in name for part in PLATFORMS))


def head_of(lines):
    comment = []
    for line in lines:
        if not line.startswith("//"):
            break
        comment.append(line[3:])
    return "\n".join(comment)


def declaration_at(lines, start):
    """The declaration that begins in line `start`, counted from 1, without its body."""
    text = "\n".join(lines[start - 1:start + 24])
    code, depth = tree.code_of(text), 0
    for place, character in enumerate(code):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and ends_at(code, place):
            return textwrap.dedent(text[:place + (character == ";")]).rstrip()
    return lines[start - 1].strip()


def ends_at(code, place):
    """Whether a body, a list of initializers, or nothing more follows."""
    before = code[:place].rstrip()
    if code[place] == ":":
        is_function = re.search(r"\)\s*(noexcept\s*)?(requires\b[^()]*)?$", before)
        return bool(is_function) and ":" not in (code[place - 1], code[place + 1])
    return code[place] == ";" or code[place] == "{" and not before.endswith("requires")


def first_line_of(lines, line):
    """Where the declaration begins that has its name in `line`: behind what ends the one before."""
    while line > 1:
        above = lines[line - 2].split("//")[0].rstrip()  # empty if it is a comment
        if not above or above.endswith((";", "}", "{", ":")):
            break
        line -= 1
    return line


class Reader:
    """Reads the XML of all headers into Header objects."""

    def __init__(self, xml):
        self.xml = pathlib.Path(xml)
        self.lines = {}
        self.headers = {}
        self.classes = {}  # by Doxygen's id

    def lines_of(self, path):
        if path not in self.lines:
            self.lines[path] = (tree.ROOT / path).read_text().split("\n")
        return self.lines[path]

    def comment_of(self, element):
        """Pair of the comment and the line of the declaration that it stands above; or nothing."""
        texts = [text.text or "" for text in element.findall("detaileddescription//verbatim")]
        if not texts:
            return None
        line, _, comment = texts[0].partition(":")
        return comment.strip("\n").rstrip(), int(line)

    def read(self):
        compounds = []
        for path in sorted(self.xml.glob("*.xml")):
            compounds += ElementTree.parse(path).getroot().findall("compounddef")
        private = {inner.get("refid") for compound in compounds
                   for inner in compound.findall("innerclass") if inner.get("prot") != "public"}
        for compound in compounds:
            if compound.get("kind") in ("class", "struct"):
                self.read_class(compound, compound.get("id") in private)
        for compound in compounds:
            if compound.get("kind") == "namespace" and "internal" not in name_of(compound):
                self.read_namespace(compound)
        awaited = {cls.name.split("::")[-1] for cls in self.classes.values() if cls.awaited}
        for cls in self.classes.values():
            find_awaitables(cls.entries, awaited - NOT_AWAITED, cls.name.split("::")[-1])
        for header in self.headers.values():
            find_awaitables(header.entries, awaited - NOT_AWAITED, "")
        return self

    def header(self, path):
        if path not in self.headers:
            self.headers[path] = Header(path, head_of(self.lines_of(path)))
        return self.headers[path]

    def read_class(self, compound, is_private):
        location = compound.find("location")
        path = location.get("file")
        found = self.comment_of(compound)
        line = found[1] if found else first_line_of(self.lines_of(path), int(location.get("line")))
        cls = Class(name_of(compound), found[0] if found else "",
                    declaration_at(self.lines_of(path), line), path, line,
                    [(base.get("refid"), base.text) for base in compound.findall("basecompoundref")
                     if base.get("prot") == "public"])
        members = [member for member in compound.findall(".//memberdef")
                   if member.get("prot") == "public" and member.get("kind") in KINDS]
        cls.entries = self.entries_of(members, path, cls.name.split("::")[-1])
        cls.awaited = any("operator co_await" in entry.names for entry in cls.entries)
        self.classes[compound.get("id")] = cls
        if "internal" not in cls.name and not is_private and is_public(tree.ROOT / path):
            self.header(path).classes.append(cls)

    def read_namespace(self, compound):
        members = {}
        for member in compound.findall(".//memberdef"):
            path = member.find("location").get("file")
            if member.get("kind") in KINDS and is_public(tree.ROOT / path):
                members.setdefault(path, []).append(member)
        for path, its in members.items():
            self.header(path).entries += self.entries_of(its, path)

    def entries_of(self, members, path, class_name=None):
        """Members with the same comment become one entry: those in the lines right below it."""
        lines, entries, shown = self.lines_of(path), [], set()
        places = [(int(member.find("location").get("line")), member) for member in members
                  if member.find("location").get("file") == path]
        for place, member in sorted(places, key=lambda pair: pair[0]):
            found = self.comment_of(member)
            comment, line = found or ("", first_line_of(lines, place))
            name, kind = member.findtext("name"), member.get("kind")
            declaration = declaration_at(lines, line)
            is_special = name in (class_name, "operator=") or name.startswith("~")
            if is_special and not found or "= delete" in declaration or declaration in shown:
                continue
            shown.add(declaration)
            if not found and entries and all(map(str.strip, lines[entries[-1].line - 1:line - 1])):
                entry = entries[-1]
            else:
                entry = Entry([], comment, [], line, set())
                entries.append(entry)
            entry.names.append(name)
            entry.declarations.append(declaration)
            entry.line = line
            entry.kinds.add(kind)
        return entries


def name_of(compound):
    return compound.findtext("compoundname")


def find_awaitables(entries, awaited, class_name):
    before = None
    for entry in entries:
        pairs = zip(entry.names, entry.declarations)
        entry.awaitable = [name for name, declaration in pairs if name != class_name
                           and is_awaitable(name, declaration, entry.comment, awaited, before)]
        before = entry


def is_awaitable(name, declaration, comment, awaited, before):
    """Whether what it returns is to be awaited: by the type, or, if that is auto, by the words."""
    if name == "operator co_await":
        return bool(comment)
    if name.startswith(("poll_", "spawn", "operator", "~")):
        return False
    noise = r"template <.*?>$|^ *requires.*$|\[\[nodiscard\]\]|\b(static|constexpr|inline)\b"
    result = re.sub(noise, "", declaration, flags=re.MULTILINE).split("(")[0]
    words = re.findall(r"\w+", result)[:-1]
    if words and words[0] not in PLAIN and re.search("cancel[- ]safe", comment, re.IGNORECASE):
        return True
    if words[:1] in (["auto"], ["decltype"]):
        is_like_before = comment.startswith("The same") and before and before.awaitable
        return bool(is_like_before or re.match(AWAITED_WORDS, comment))
    while words[:1] in (["internal"], ["weft"], ["typename"]):
        words = words[1:]
    return bool(words) and words[0] in awaited and "&" not in result


def read_headers(work):
    """Runs Doxygen over the library; `work` is a directory for what goes in and what comes out."""
    work = pathlib.Path(work).resolve()
    shutil.rmtree(work, ignore_errors=True)
    for path in tree.library():
        name = tree.relative(path)
        is_read = (path.suffix == ".h" and not name.startswith(("include/", *MECHANISMS))
                   and not any(part in name for part in PLATFORMS))
        if is_read:
            copy = work / "headers" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(docs_comments.for_doxygen(path.read_text()))
    configuration = (tree.ROOT / "tools" / "docs" / "Doxyfile").read_text()
    done = subprocess.run(["doxygen", "-"], input=f"{configuration}\nOUTPUT_DIRECTORY = {work}\n",
                          cwd=work / "headers", text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode or "warning:" in done.stdout:
        raise SystemExit(f"doxygen:\n{done.stdout}")
    return Reader(work / "xml").read()
