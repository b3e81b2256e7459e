"""weft in gdb: `source weft_gdb.py` loads the commands `weft bt` and `weft tasks` and the printers.

docs/guide/debugging.md shows a session. Needs gdb with Python, 12 or newer.
"""

import os
import sys

import gdb
import gdb.printing

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import weft_printers  # noqa: E402
import weft_tasks  # noqa: E402

sys.path.pop(0)


class WeftPrefix(gdb.Command):
    """Commands about the tasks of a program that uses weft."""

    def __init__(self):
        super().__init__("weft", gdb.COMMAND_STACK, prefix=True)


class WeftCommand(gdb.Command):
    def invoke(self, argument, from_tty):
        try:
            wanted = {int(word) for word in gdb.string_to_argv(argument)}
        except ValueError:
            raise gdb.GdbError(f"weft: '{argument}': give ids of tasks, or nothing for all")
        try:
            for line in self.lines(weft_tasks.Snapshot(), wanted):
                print(line)
        except weft_tasks.NotFound as error:
            raise gdb.GdbError(f"weft: {error}")


class WeftBacktrace(WeftCommand):
    """weft bt [ID...]: for every task, or those with these ids, the chain of co_await that it is
    suspended in, innermost first, and what the innermost one waits for."""

    def __init__(self):
        super().__init__("weft bt", gdb.COMMAND_STACK)

    def lines(self, snapshot, wanted):
        return snapshot.backtrace(wanted)


class WeftTasks(WeftCommand):
    """weft tasks [ID...]: one line for every task: id, name, state, where it was spawned, and what it
    waits for."""

    def __init__(self):
        super().__init__("weft tasks", gdb.COMMAND_STACK)

    def lines(self, snapshot, wanted):
        return snapshot.overview(wanted)


WeftPrefix()
WeftBacktrace()
WeftTasks()
gdb.printing.register_pretty_printer(None, weft_printers.collection(), replace=True)
