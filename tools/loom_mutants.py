#!/usr/bin/env python3
"""Do the models find defects? Breaks a protocol in one place, rebuilds, and expects a model to fail.

    tools/loom_mutants.py [-j N] [LIST...]     run the mutants of all lists, or of those given
    tools/loom_mutants.py --check [LIST...]    only whether each still applies to the sources
    tools/loom_mutants.py --propose FILE...    candidates for a list: every memory order weakened

A list is a file tests/loom/mutants/<area>.txt: paragraphs of `key: value`, lines with # are comments.

    file: runtime/waker_slot.cc
    from: state_.exchange(0, std::memory_order_release)     exact text, once in the file; \\n is a
    to: state_.exchange(0, std::memory_order_relaxed)       newline; `nth: 2` takes the second
    run: weft_loom_task LM27.*                              program and gtest filter; may be repeated
    survives: reason                                        optional: is not found, and why

A mutant is killed if it builds and a run fails or exceeds several times its usual duration. Fails if
a mutant without a reason survives, if one with a reason is killed, if one no longer applies or does
not compile. Works on copies of the tree, in build/loom-mutants/.
"""

import argparse
import concurrent.futures
import dataclasses
import fnmatch
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import threading
import time

import tree

LISTS = tree.ROOT / "tests" / "loom" / "mutants"
WORK = tree.ROOT / "build" / "loom-mutants"
KEYS = {"file", "from", "to", "nth", "run", "survives"}


class ListError(Exception):
    pass


@dataclasses.dataclass
class Mutant:
    where: str  # list and line
    file: str
    before: str
    after: str
    runs: list  # of (program, filter)
    nth: int = 0  # 0: the only one
    survives: str = ""

    def apply(self, text):
        places = [m.start() for m in re.finditer(re.escape(self.before), text)]
        if not places:
            raise ListError(f"{self.where}: {self.file} does not contain `{self.before}`")
        if len(places) > 1 and self.nth == 0:
            raise ListError(
                f"{self.where}: {self.file} contains `{self.before}` {len(places)} times; add nth"
            )
        if self.nth > len(places):
            raise ListError(f"{self.where}: {self.file} has only {len(places)} of `{self.before}`")
        start = places[max(self.nth, 1) - 1]
        return text[:start] + self.after + text[start + len(self.before) :]

    def line(self, text):
        places = [m.start() for m in re.finditer(re.escape(self.before), text)]
        return text.count("\n", 0, places[max(self.nth, 1) - 1]) + 1

    def __str__(self):
        return f"{self.file}: {shorten(self.before)} -> {shorten(self.after)}"


def shorten(text):
    text = " ".join(text.replace("std::memory_order_", "").split())
    return text if len(text) <= 60 else text[:57] + "..."


def parse(path):
    """The mutants of one list."""
    name = tree.relative(path) if tree.ROOT in path.parents else str(path)
    fields, runs, start = {}, [], 0

    def finish():
        if not fields and not runs:
            return
        for key in ("file", "from", "to"):
            if key not in fields:
                raise ListError(f"{name}:{start}: no `{key}:`")
        if not runs:
            raise ListError(f"{name}:{start}: no `run:`")
        yield Mutant(
            where=f"{name}:{start}",
            file=fields["file"],
            before=fields["from"].replace("\\n", "\n"),
            after=fields["to"].replace("\\n", "\n"),
            runs=list(runs),
            nth=int(fields.get("nth", 0)),
            survives=fields.get("survives", ""),
        )

    for number, line in enumerate([*path.read_text().splitlines(), ""], 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            yield from finish()
            fields, runs = {}, []
            continue
        start = start if fields or runs else number
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon or key not in KEYS or key in fields:
            raise ListError(f"{name}:{number}: `{line}`: expected one `key: value` of each kind")
        if key != "run":
            fields[key] = value
            continue
        program, _, pattern = value.partition(" ")
        if not pattern.strip():
            raise ListError(f"{name}:{number}: run: give a program and a gtest filter")
        runs.append((program, pattern.strip()))


def read_lists(paths):
    """All mutants; raises ListError with all complaints."""
    mutants, complaints = [], []
    for path in paths:
        try:
            mutants += parse(path)
        except ListError as error:
            complaints.append(str(error))
    for mutant in mutants:
        source = tree.ROOT / mutant.file
        try:
            if not source.is_file():
                raise ListError(f"{mutant.where}: there is no file {mutant.file}")
            if mutant.apply(source.read_text()) == source.read_text():
                raise ListError(f"{mutant.where}: changes nothing")
        except ListError as error:
            complaints.append(str(error))
    if complaints:
        raise ListError("\n".join(complaints))
    return mutants


# --- Candidates

ORDER = re.compile(r"std::memory_order_(acquire|release|acq_rel|seq_cst)")
OPERATION = re.compile(r"(?:\.|->)\s*(load|store|exchange|compare_exchange_\w+|fetch_\w+)\s*\(")


def weaker(order, operation):
    """What `order` can be weakened to, most telling last."""
    if order == "acq_rel":
        return ["relaxed", "acquire", "release"]
    if order == "seq_cst":
        return ["relaxed", {"load": "acquire", "store": "release"}.get(operation, "acq_rel")]
    return ["relaxed"]


def propose(names, known):
    """Prints a list of the weakened orders of `names` that `known` does not have."""
    for name in names:
        text = (tree.ROOT / name).read_text()
        code = tree.code_of(text)
        of_file = [mutant for mutant in known if mutant.file == name]
        results = {mutant.apply(text) for mutant in of_file}
        runs = sorted({run for mutant in of_file for run in mutant.runs}) or [("PROGRAM", "FILTER")]
        for match in ORDER.finditer(code):
            operations = list(OPERATION.finditer(code, 0, match.start()))
            operation = operations[-1].group(1) if operations else ""
            for order in weaker(match.group(1), operation):
                start = text.rfind("\n", 0, match.start()) + 1
                end = text.find("\n", match.end())
                before = code[start:end].strip()
                at = text.index(before, start)
                changed = before[: match.start() - at] + f"std::memory_order_{order}"
                changed += before[match.end() - at :]
                if text[:at] + changed + text[at + len(before) :] in results:
                    continue
                nth = text.count(before, 0, at) + 1
                print(f"file: {name}\nfrom: {before}\nto: {changed}")
                if text.count(before) > 1:
                    print(f"nth: {nth}")
                print("".join(f"run: {program} {pattern}\n" for program, pattern in runs))


# --- Running

def copy_tree(source, target):
    """Makes `target` equal to `source`, leaving alone what is equal already (and build/)."""
    wanted = set()
    for path in tree.all_files(source):
        relative = path.relative_to(source)
        wanted.add(relative)
        copy = target / relative
        if copy.exists() and copy.read_bytes() == path.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    for path in list(tree.all_files(target)):
        if path.relative_to(target) not in wanted:
            path.unlink()


class Worker:
    """One copy of the tree and its build."""

    def __init__(self, number, jobs):
        self.root = WORK / str(number)
        self.build_directory = self.root / "build" / "loom"
        self.jobs = jobs
        self.environment = dict(
            os.environ, CCACHE_BASEDIR=str(self.root), CCACHE_NOHASHDIR="1", WEFT_LOOM_LEVEL="quick"
        )
        self.environment.pop("WEFT_LOOM_REPLAY", None)

    def prepare(self, snapshot):
        copy_tree(snapshot, self.root)
        configured = self.command(["cmake", "--preset", "loom", "--log-level=WARNING"], 300)
        if configured.returncode != 0:
            raise ListError(f"configuring fails:\n{configured.stdout}")

    def command(self, arguments, timeout):
        return subprocess.run(
            arguments,
            cwd=self.root,
            env=self.environment,
            timeout=timeout,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def build(self, programs, jobs=None):
        """None, or what the compiler said."""
        command = ["cmake", "--build", str(self.build_directory), "--parallel"]
        command += [str(jobs or self.jobs), "--target", *sorted(programs)]
        result = self.command(command, 3600)
        return None if result.returncode == 0 else result.stdout

    def run(self, program, pattern, timeout):
        """Whether the models pass, and what they printed."""
        path = self.build_directory / "tests" / "loom" / program
        try:
            result = self.command(
                [str(path), f"--gtest_filter={pattern}", "--gtest_fail_fast"], timeout
            )
        except subprocess.TimeoutExpired:
            return False, f"no end after {timeout:.0f} s"
        if "Running 0 tests" in result.stdout:
            raise ListError(f"run: {program} {pattern}: there is no such model")
        return result.returncode == 0, result.stdout


def first_failure(output):
    """The name of the failing model, for the table."""
    found = re.search(r"^\[  FAILED  \] ([\w./]+)", output, re.MULTILINE)
    if found:
        return found.group(1)
    started = re.findall(r"^\[ RUN      \] ([\w./]+)", output, re.MULTILINE)
    return started[-1] if started else output.strip().splitlines()[-1][:60]


class Session:
    def __init__(self, mutants, jobs):
        self.mutants = mutants
        self.count = max(1, min(jobs, len(mutants)))
        self.jobs = jobs
        self.workers = queue.Queue()
        self.durations = {}
        self.results = {}
        self.print_lock = threading.Lock()

    def prepare(self):
        """Builds the unchanged tree everywhere; every run of the lists has to pass in it."""
        snapshot = WORK / "snapshot"
        snapshot.mkdir(parents=True, exist_ok=True)
        copy_tree(tree.ROOT, snapshot)
        programs = {program for mutant in self.mutants for program, _ in mutant.runs}
        workers = [Worker(i, max(1, self.jobs // self.count)) for i in range(self.count)]
        for worker in workers:  # in turn: those after the first find all objects in the cache
            worker.prepare(snapshot)
            output = worker.build(programs, self.jobs)
            if output is not None:
                raise ListError(f"the unchanged tree does not build:\n{output}")
        runs = {run for mutant in self.mutants for run in mutant.runs}
        with concurrent.futures.ThreadPoolExecutor(self.count) as pool:
            for worker in workers:
                self.workers.put(worker)
            list(pool.map(self.measure, sorted(runs)))
        slowest = max(self.durations.values())
        print(f"{len(runs)} sets of models pass in the unchanged tree, the slowest in {slowest:.0f} s",
              flush=True)

    def measure(self, run):
        worker = self.workers.get()
        try:
            start = time.monotonic()
            passed, output = worker.run(*run, timeout=3600)
            if not passed:
                raise ListError(f"run: {' '.join(run)}: fails without any mutant:\n{output}")
            self.durations[run] = time.monotonic() - start
        finally:
            self.workers.put(worker)

    def try_one(self, mutant):
        worker = self.workers.get()
        source = worker.root / mutant.file
        original = source.read_text()
        start = time.monotonic()
        try:
            source.write_text(mutant.apply(original))
            verdict, detail = self.verdict(worker, mutant)
        except ListError as error:
            verdict, detail = "error", str(error)
        finally:
            source.write_text(original)
            self.workers.put(worker)
        self.results[mutant.where] = verdict
        with self.print_lock:
            seconds = time.monotonic() - start
            print(f"{verdict:9} {mutant.where}: {mutant}  ({detail}; {seconds:.0f} s)", flush=True)

    def verdict(self, worker, mutant):
        output = worker.build({program for program, _ in mutant.runs})
        if output is not None:
            errors = [line for line in output.splitlines() if " error: " in line]
            return "error", "does not compile: " + (errors or output.splitlines())[0]
        for run in mutant.runs:
            passed, output = worker.run(*run, timeout=30 + 10 * self.durations[run])
            if not passed:
                return "killed", first_failure(output)
        return ("explained", mutant.survives) if mutant.survives else ("SURVIVES", "all models pass")

    def run(self):
        self.prepare()
        with concurrent.futures.ThreadPoolExecutor(self.count) as pool:
            list(pool.map(self.try_one, self.mutants))
        return self.summary()

    def summary(self):
        def having(verdict):
            return [m for m in self.mutants if self.results[m.where] == verdict]

        stale = [mutant for mutant in having("killed") if mutant.survives]
        for mutant in stale:
            print(f"{mutant.where}: is killed; take out its `survives:`")
        print(
            f"loom-mutants: {len(having('killed'))}/{len(self.mutants)} killed,"
            f" {len(having('explained'))} survive as explained, {len(having('SURVIVES'))} survive,"
            f" {len(having('error'))} errors"
        )
        return bool(stale or having("SURVIVES") or having("error"))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), metavar="N")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--propose", action="store_true")
    parser.add_argument("--only", default="*", metavar="GLOB", help="mutants of matching files")
    parser.add_argument("paths", nargs="*", metavar="LIST or FILE")
    arguments = parser.parse_args()
    given = [pathlib.Path(path).resolve() for path in arguments.paths]
    lists = given if given and not arguments.propose else sorted(LISTS.glob("*.txt"))
    try:
        mutants = [m for m in read_lists(lists) if fnmatch.fnmatch(m.file, arguments.only)]
        if arguments.propose:
            names = [tree.relative(path) for path in given]
            propose(names or sorted({mutant.file for mutant in mutants}), mutants)
            return False
        if arguments.check:
            return False
        return Session(mutants, arguments.jobs).run() if mutants else False
    except ListError as error:
        print(error)
        return True


if __name__ == "__main__":
    sys.exit(main())
