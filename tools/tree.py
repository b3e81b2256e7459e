#!/usr/bin/env python3
"""The source tree as the lint scripts see it.

    tools/tree.py folders      the library folders: those that CMakeLists.txt declares
    tools/tree.py library      C++ files of these
    tools/tree.py formatted    C++ files that clang-format owns
    tools/tree.py written      all files that people write: C++, CMake, scripts

As a module it gives the same lists, and `code_of()`, C++ without comments and literals, and
`prose_of()`, Markdown without code, so that a search finds only what it is meant for.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CXX_SUFFIXES = {".h", ".cc"}
WRITTEN_SUFFIXES = CXX_SUFFIXES | {".cmake", ".py", ".sh"}
SKIPPED_DIRECTORIES = {"build", ".git", "__pycache__"}
# Copies of a contract, kept byte for byte.
CONTRACT = ROOT / "tests" / "conformance"
DOC_EXAMPLES = ROOT / "tests" / "doc_examples"


def all_files(start=ROOT):
    for path in sorted(start.iterdir()):
        if path.is_symlink():
            continue
        if path.is_dir():
            if path.name not in SKIPPED_DIRECTORIES:
                yield from all_files(path)
        else:
            yield path


def library_folders():
    text = (ROOT / "CMakeLists.txt").read_text()
    # Once each: a folder may be declared in either branch of an if.
    names = dict.fromkeys(re.findall(r"^\s*weft_folder\(\s*(\w+)", text, re.MULTILINE))
    return [ROOT / name for name in names if (ROOT / name).is_dir()]


def library():
    """Headers and sources of the library, the umbrella header included."""
    for folder in [*library_folders(), ROOT / "include"]:
        yield from (path for path in all_files(folder) if path.suffix in CXX_SUFFIXES)


def doc_examples():
    """The sources of the examples in headers' comments (tools/doc_examples.py)."""
    return sorted(DOC_EXAMPLES.rglob("*.cc"))


def formatted():
    for path in all_files():
        if path.suffix in CXX_SUFFIXES and CONTRACT not in path.parents:
            yield path


def written():
    for path in all_files():
        if path.suffix in WRITTEN_SUFFIXES or path.name in ("CMakeLists.txt", "Makefile"):
            yield path


_TOKENS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | R"(?P<tag>[^()\s]*)\(.*?\)(?P=tag)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'""",
    re.DOTALL | re.VERBOSE,
)


_MARKDOWN_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def _blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def code_of(text):
    """C++ `text` with comments and literals as spaces; lines and columns are kept."""
    return _TOKENS.sub(_blank, text)


def prose_of(text):
    """Markdown `text` with code blocks and code spans as spaces; lines and columns are kept."""
    return _MARKDOWN_CODE.sub(_blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def relative(path):
    return path.relative_to(ROOT).as_posix()


def main():
    lists = {"folders": library_folders, "library": library, "formatted": formatted, "written": written}
    if len(sys.argv) != 2 or sys.argv[1] not in lists:
        sys.exit(__doc__)
    for path in lists[sys.argv[1]]():
        print(path)


if __name__ == "__main__":
    main()
