#!/usr/bin/env python3
"""Runs gdb on debuggee.cc and compares what the commands of tools/gdb print with what is the case.

    debugger_test.py Live|Core|Stripped|Printers|Messages <debuggee> <weft_gdb.py>

Where gdb is missing, or may not trace, the test is skipped; but not if the environment has CI=true.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
HERE = pathlib.Path(__file__).parent

STOP = ["break debuggee::stop_here", "run", "up"]


class Failure(Exception):
    pass


def skip(reason):
    if os.environ.get("CI") == "true":
        raise Failure(f"{reason}, and CI=true")
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def gdb(script, program, commands, core=None):
    """What gdb prints, and apart from it its warnings and errors."""
    command = ["gdb", "-q", "-nx", "-batch", "-iex", "set auto-load off"]
    for line in ["set width 0", "set confirm off", f"source {script}", *commands]:
        command += ["-ex", line]
    command += ["--core", core, program] if core else [program]
    environment = {**os.environ, "LC_ALL": "C", "DEBUGINFOD_URLS": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=100)
    if re.search(r"ptrace: Operation not permitted|Could not trace the inferior", done.stderr):
        skip("gdb may not trace programs here")
    if "Python scripting is not supported" in done.stderr:
        skip("this gdb has no Python")
    return done.stdout, done.stderr


def check(pattern, text):
    if not re.fullmatch(pattern, text):
        raise Failure(f"expected  {pattern}\nfound     {text}")


def session():
    """session.txt as pairs: a command, and the lines that it prints as regular expressions. There
    `…` stands for anything."""
    found = []
    for line in (HERE / "session.txt").read_text().splitlines():
        if line.startswith("(gdb) "):
            found.append((line.removeprefix("(gdb) "), []))
        else:
            found[-1][1].append(re.escape(line).replace("…", ".*"))
    return found


def check_end(output, expected):
    """Compares the last lines of what was printed."""
    printed, errors = output
    lines = printed.rstrip("\n").splitlines()[-len(expected) :]
    if len(lines) != len(expected):
        raise Failure(printed + errors)
    for pattern, line in zip(expected, lines):
        check(pattern, line)


def live(debuggee, script, _):
    command, expected = session()[0]
    check_end(gdb(script, debuggee, [*STOP, command]), expected)


def core(debuggee, script, directory):
    file = os.path.join(directory, "core")
    output = gdb(script, debuggee, [*STOP, f"gcore {file}", "kill"])
    if not os.path.exists(file):
        raise Failure("\n".join(output))
    command, expected = session()[0]
    check_end(gdb(script, debuggee, [command], core=file), expected)


def stripped(debuggee, script, directory):
    """The symbol table is all that `weft bt` needs."""
    copy = os.path.join(directory, "stripped")
    subprocess.run(["strip", "--strip-debug", "-o", copy, debuggee], check=True)
    command, expected = session()[0]
    check_end(gdb(script, copy, [*STOP[:2], command]), expected)


def printers(debuggee, script, _):
    prints = session()[1:]
    expected = [line for _, lines in prints for line in lines]
    check_end(gdb(script, debuggee, [*STOP, *(command for command, _ in prints)]), expected)


def messages(debuggee, script, _):
    """Single tasks, the overview, and what the commands say where there is nothing to say."""
    commands = ["weft tasks", "weft bt 1", "weft bt 777", "weft bt one"]
    printed, errors = gdb(script, debuggee, [*STOP, *commands])
    expected = [
        r'task 1 "deep" \(waiting\), spawned at .*: mpsc receive .*',
        *[r"task [2-5] \(waiting\), spawned at .*: .*"] * 4,
        r"task 6 \(complete\), spawned at \S*",
        r"task 7 \(running\), spawned at \S*",
        r"7 tasks: 1 complete, 1 running, 5 waiting",
        r'task 1 "deep" .*',
        *[r"  #\d .*"] * 3,
        r"  waits for: mpsc receive .*",
    ]
    check_end((printed, errors), expected)
    check(r"(.*\n)*weft: no task has the id 777\n(.*\n)*", errors)
    check(r"(.*\n)*weft: 'one': give ids of tasks, or nothing for all\n(.*\n)*", errors)
    # Before the program runs, and in one that does not use weft.
    check_end(gdb(script, debuggee, ["weft bt"]), ["0 tasks"])
    _, errors = gdb(script, shutil.which("true"), ["weft bt"])
    check(r"(.*\n)*weft: this program has no symbol weft_debugger_table: .*\n(.*\n)*", errors)


def main():
    name, debuggee, script = sys.argv[1:]
    if not shutil.which("gdb"):
        skip("gdb is not installed")
    with tempfile.TemporaryDirectory() as directory:
        globals()[name.lower()](debuggee, script, directory)
    print("as expected")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        print(failure)
        sys.exit(1)
