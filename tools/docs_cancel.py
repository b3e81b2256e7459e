"""What the headers say of cancelling each function that is awaited.

A function's line comes from its own comment, or, where that only refers to others ("The same ...",
"As next()"), from theirs; else from the comment of its class, or from the head of its file.
"""

import re

SAID = re.compile(r"cancel[- ]safe", re.IGNORECASE)
# Other words that say what is left behind.
IMPLIED = re.compile(r"^Destroy(?:ing|ed)\b|^Cancelled,|^Cancelling it"
                     r"|^If (?:it|the wait) is destroyed|if the awaiting frame is")
REFERENCE = re.compile(r"\bAs (?:\w+::)?(\w+)\(\)|\bas (?:\w+::)?(\w+)\(\)")


def sentences(comment):
    prose = " ".join(line for line in comment.split("\n")
                     if not line.startswith(("  ", "Spec:")))
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", prose)


def said_in(comment, pattern=SAID):
    return " ".join(sentence for sentence in sentences(comment) if pattern.search(sentence))


def own_words(comment):
    return said_in(comment) or said_in(comment, IMPLIED)


class Finder:
    """Finds the words for the functions of one header."""

    def __init__(self, header, classes):
        self.header = header
        self.classes = classes

    def words(self, entry, entries, class_comment):
        """`entries`: those of the same class or namespace, in order."""
        found = own_words(entry.comment)
        if found:
            return found
        place = entries.index(entry)
        if entry.comment.startswith("The same") and place > 0:
            return self.words(entries[place - 1], entries, class_comment)
        if entry.comment.startswith("As JoinSet's") or entry.comment.startswith("As JoinHandle's"):
            for other in self.named(entry.awaitable[0], []):
                if own_words(other.comment):
                    return own_words(other.comment)
        for match in REFERENCE.finditer(entry.comment):
            for other in self.named(match[1] or match[2], entries):
                if other is not entry and own_words(other.comment):
                    return own_words(other.comment)
        return (self.of_result(entry) or said_in(class_comment or "")
                or own_words(self.header.head))

    def of_result(self, entry):
        """Of what the function returns: of its operator co_await."""
        words = re.findall(r"\w+", entry.declarations[0].split("(")[0])
        for cls in self.classes.values():
            if cls.awaited and cls.name != "weft::Task" and cls.name.split("::")[-1] in words[:-1]:
                for other in cls.entries:
                    if "operator co_await" in other.names and own_words(other.comment):
                        return own_words(other.comment)
        return ""

    def named(self, name, entries):
        yield from (entry for entry in entries if name in entry.names)
        for cls in self.classes.values():
            yield from (entry for entry in cls.entries if name in entry.names)


def verdict(words):
    if re.search(r"\bnot cancel[- ]safe", words, re.IGNORECASE):
        return "no"
    if re.search(r"cancel[- ]safe (?:if|only|in that|but)|as cancel[- ]safe as", words,
                 re.IGNORECASE):
        return "depends"
    return "yes" if SAID.search(words) else "depends"
