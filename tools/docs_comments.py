"""A header as Doxygen wants it: our comments before declarations, made Doxygen's, word for word.

A block of whole-line `//` comments becomes the documentation of the declaration right below it.
The text stands between \\verbatim and \\endverbatim, so that nothing in it is taken for a command
or for markup, behind the number of the line where the declaration begins. Lines keep their numbers.
"""

import re

COMMENT = re.compile(r"^(\s*)//( ?)(.*)$")
# Lines for tools, and comments that are not about the declaration below them.
NOT_FOR_READERS = re.compile(r"^(NOLINT|clang-format|SAFETY\(|IWYU)")


def blocks(lines):
    """Pairs of the first line of a comment and the line behind it."""
    start = None
    for number, line in enumerate([*lines, ""]):
        if COMMENT.match(line):
            start = number if start is None else start
        elif start is not None:
            yield start, number
            start = None


def documents(lines, start, end):
    """Whether there is a declaration right below the block."""
    if NOT_FOR_READERS.match(COMMENT.match(lines[start])[3]):
        return False
    return end < len(lines) and lines[end].strip() not in ("", "}", "};", "public:", "private:")


def convert(lines, start, end):
    # Doxygen would take this for the end of the comment.
    texts = [COMMENT.match(line)[3].replace("*/", "* /") for line in lines[start:end]]
    texts[0] = f"/*! \\verbatim {end + 1}:{texts[0]}"
    texts[-1] += " \\endverbatim */"
    return texts


def simplify(lines):
    """Without what Doxygen 1.9 cannot parse: requires behind a function, specialisations in std."""
    for number, line in enumerate(lines):
        is_behind_a_function = re.match(r"\s+requires\b", line) and re.search(
            r"(\)|noexcept|const|&&?)$", lines[number - 1])
        if is_behind_a_function:
            yield re.search(r"[{;]?$", line)[0]
        else:
            yield re.sub(r"\bstruct std::(\w+)<", r"struct std_\1<", line)


def for_doxygen(text):
    lines = text.split("\n")
    result = list(lines)
    for start, end in blocks(lines):
        # The first one is about the file, and read without Doxygen.
        if start > 0 and documents(lines, start, end):
            result[start:end] = convert(lines, start, end)
    return "\n".join(simplify(result))
