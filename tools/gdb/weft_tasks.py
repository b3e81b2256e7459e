"""The tasks of a stopped process or a core file, found as the runtime's own walk finds them.

Every coroutine frame of weft lies behind a header, in a block of a slab, and all slabs are linked
(runtime/coroutine/frame.h, frame_registry.h). A block's first word says whether it is free, a task, or
another frame. Where all of that lies is in the library's `weft_debugger_table`
(runtime/coroutine/debugger_table.h), so no debug information of weft is needed, only the symbol.

Of a chain of frames that await each other only the innermost is known to the strand that runs them;
from there `parent` leads to the root. A branch of a combinator (select, join) has a strand and a root
of its own, which some frame of the task refers to: it is found by looking for its address there.
"""

import re
import struct

import gdb

# The words of the table's format 1, in order.
FIELDS = """
format registry
registry_slabs registry_large slab_next slab_block_size slab_block_count slab_first_block
large_first_block
header_size header_ops header_parent header_strand header_location header_block_size header_outcome
header_frame_is_dead header_own header_id header_spawned_at
strand_ops strand_leaf strand_frame leaf_ops_waiting_on task_ops_is_own own_task_ops_name
free_word nested_word running_bit complete_bit notified_bit cancelled_bit runtime_shift runtime_mask
""".split()
FORMAT = 1


class NotFound(Exception):
    """There is nothing to look at; the message says why."""


def read(address, size):
    return gdb.selected_inferior().read_memory(address, size).tobytes()


def words(address, count):
    return struct.unpack(f"<{count}Q", read(address, 8 * count))


def word(address):
    return words(address, 1)[0]


def c_string(address):
    if not address:
        return ""
    text = gdb.Value(address).cast(gdb.lookup_type("char").pointer())
    return text.string(errors="replace")


def symbol_at(address):
    """The name of the function that starts at an address, or ''."""
    text = gdb.execute(f"info symbol {address:#x}", to_string=True)
    match = re.match(r"(.+?)(?: \+ \d+)? in section ", text)
    return match[1] if match else ""


def function_name(symbol):
    """A coroutine's name as in its source, of the symbol of the function that resumes it."""
    name = re.sub(r"( \[clone [^\]]*\])+$", "", symbol)
    # g++: name(name(arguments)::_Z4nameArguments.Frame*)
    match = re.fullmatch(r"(.*?)\((.*)::_Z\w+\.[Ff]rame\s*\*\)", name)
    return match[2] if match else name


class Location:
    """A std::source_location, which is one pointer to file, function, line and column."""

    def __init__(self, address):
        self.file = self.function = ""
        self.line = 0
        pointer = word(address)
        if pointer:
            file, function = words(pointer, 2)
            self.line = struct.unpack("<I", read(pointer + 16, 4))[0]
            self.file, self.function = c_string(file), c_string(function)

    def __str__(self):
        return f"{self.file}:{self.line}" if self.line else "an unknown place"


class Frame:
    """A block that is not free: its header. `data` is the whole block."""

    def __init__(self, table, address, data):
        self.table, self.address, self.data = table, address, data
        self.word = self._word(0)
        self.is_task = self.word != table.nested_word
        self.ops = self._word(table.header_ops)
        self.parent = self._word(table.header_parent)
        self.strand = self._word(table.header_strand)
        self.own = address + table.header_own
        self.has_ended = bool(data[table.header_outcome] or data[table.header_frame_is_dead])
        self.id = self._word(table.header_id) if self.is_task else None

    def _word(self, offset):
        return struct.unpack_from("<Q", self.data, offset)[0]

    def bit(self, name):
        return self.is_task and bool(self.word & getattr(self.table, name + "_bit"))

    @property
    def is_complete(self):
        return self.bit("complete") or self.has_ended

    @property
    def runtime(self):
        return (self.word >> self.table.runtime_shift) & self.table.runtime_mask

    @property
    def state(self):
        if self.bit("complete"):
            return "complete"
        if self.bit("running"):
            # A task that yields stays RUNNING, and its strand has a leaf; so has one whose leaf is
            # being polled at this moment.
            ops = self._word(self.table.header_own + self.table.strand_ops)
            return "yielding" if ops else "running"
        if not self.strand:
            return "not started"
        if self.bit("cancelled"):
            return "being cancelled"
        return "woken" if self.bit("notified") else "waiting"

    @property
    def name(self):
        """What task::Builder named it, or ''."""
        if not self.ops or not read(self.ops + self.table.task_ops_is_own, 1)[0]:
            return ""
        text, size = words(self.ops + self.table.own_task_ops_name, 2)
        return read(text, min(size, 200)).decode(errors="replace")

    @property
    def spawned_at(self):
        return Location(self.address + self.table.header_spawned_at)

    def function(self):
        """The coroutine's name; its resume function is the first word of the frame itself."""
        symbol = symbol_at(self._word(self.table.header_size))
        return function_name(symbol) or "a coroutine"

    def described(self, is_suspended):
        """`is_suspended`: in a co_await, which `location` is; it is older, or nothing, while it runs."""
        if not is_suspended:
            return self.function()
        location = Location(self.address + self.table.header_location)
        return f"{self.function()} at {location}"

    def refers_to(self, addresses):
        """Those of a set of addresses that occur in the frame, which starts behind the header."""
        count = (len(self.data) - self.table.header_size) // 8
        held = struct.unpack_from(f"<{count}Q", self.data, self.table.header_size)
        return [address for address in dict.fromkeys(held) if address in addresses]


class Table:
    def __init__(self):
        try:
            address = int(gdb.parse_and_eval("(unsigned long)&weft_debugger_table"))
            values = words(address, len(FIELDS))
        except gdb.error as error:
            raise NotFound(
                "this program has no symbol weft_debugger_table: it does not use weft, or it was"
                f" stripped of its symbols ({error})"
            )
        if values[0] != FORMAT:
            raise NotFound(
                f"the program's table of tasks has format {values[0]}, these commands read format"
                f" {FORMAT}: load those that came with the program's weft"
            )
        for name, value in zip(FIELDS, values):
            setattr(self, name, value)


class Chain:
    """The frames that run on one strand, innermost first, and the leaf they wait for."""

    def __init__(self, snapshot, root):
        table = snapshot.table
        self.frames, self.leaf = [], None
        strand = root.own
        ops = word(strand + table.strand_ops)
        if root.is_complete:
            return
        if not root.strand:
            self.frames = [root]
        elif ops:
            self.leaf = (ops, word(strand + table.strand_leaf))
            innermost = word(strand + table.strand_frame) - table.header_size
            self.frames = snapshot.up_from(innermost)
        else:
            self.frames = snapshot.running_on(strand, root)

    @property
    def is_suspended(self):
        return self.leaf is not None


class Snapshot:
    """Everything that was read at one stop of the process."""

    def __init__(self):
        self.table = Table()
        self.frames = {}
        if self.table.registry:
            self._read_slabs()
            self._read_large_blocks()
        self.tasks = sorted((f for f in self.frames.values() if f.is_task), key=lambda f: f.id)
        self.has_several_runtimes = len({task.runtime for task in self.tasks}) > 1
        # Roots of strands that are no task's: branches of combinators, arguments of block_on.
        self.roots = {
            f.address: f
            for f in self.frames.values()
            if not f.is_task and f.strand == f.own and not f.has_ended
        }
        self.shown_roots = set()

    def _add(self, address, data):
        if struct.unpack_from("<Q", data)[0] != self.table.free_word:
            self.frames[address] = Frame(self.table, address, data)

    def _read_slabs(self):
        table = self.table
        slab = word(table.registry + table.registry_slabs)
        while slab:
            size, count = word(slab + table.slab_block_size), word(slab + table.slab_block_count)
            first = slab + table.slab_first_block
            data = read(first, size * count)
            if size >= table.header_size:
                for offset in range(0, size * count, size):
                    self._add(first + offset, data[offset : offset + size])
            slab = word(slab + table.slab_next)

    def _read_large_blocks(self):
        table = self.table
        head = table.registry + table.registry_large
        node = word(head)
        while node != head:
            address = node + table.large_first_block
            node = word(node)
            if word(address) == table.free_word:
                continue  # not a frame: the other users of such blocks leave the word alone
            size = struct.unpack("<I", read(address + table.header_block_size, 4))[0]
            self._add(address, read(address, max(size, table.header_size)))

    def up_from(self, address):
        """The frame at an address and all that await it, up to the root."""
        frames = []
        while address in self.frames and self.frames[address] not in frames:
            frames.append(self.frames[address])
            address = frames[-1].parent
        return frames

    def running_on(self, strand, root):
        """The chain of a strand that runs: who is innermost is known to the processor alone, but it is
        the only one of the strand's live frames that none of the others was awaited by."""
        live = [f for f in self.frames.values() if f.strand == strand and not f.has_ended]
        awaiting = {f.parent for f in live}
        innermost = [f for f in live if f.address not in awaiting]
        return self.up_from(innermost[0].address) if innermost else [root]

    def task_at(self, address):
        """The task whose header is there, or None."""
        frame = self.frames.get(address)
        return frame if frame is not None and frame.is_task else None

    def _waits_for(self, leaf):
        ops, address = leaf
        what = c_string(word(ops + self.table.leaf_ops_waiting_on))
        # Its first function is weft::internal::poll_leaf<kind of leaf>.
        kind = re.search(r"poll_leaf<(.*)>\(void\*, ", symbol_at(word(ops)))
        return f"{what} ({kind[1].strip()} at {address:#x})" if kind else f"{what} (at {address:#x})"

    def _chain_lines(self, root, indent):
        chain = Chain(self, root)
        for number, frame in enumerate(chain.frames):
            is_suspended = chain.is_suspended or number > 0
            yield f"{indent}#{number} {frame.described(is_suspended)}"
            yield from self._branch_lines(frame, indent + "     ")
        if chain.leaf:
            yield f"{indent}waits for: {self._waits_for(chain.leaf)}"

    def _branch_lines(self, frame, indent):
        left = self.roots.keys() - self.shown_roots
        for address in frame.refers_to(left):
            self.shown_roots.add(address)
            yield f"{indent}branch:"
            yield from self._chain_lines(self.roots[address], indent + "  ")

    def _title(self, task):
        name = f' "{task.name}"' if task.name else ""
        runtime = f" on runtime {task.runtime}" if self.has_several_runtimes else ""
        return f"task {task.id}{name} ({task.state}){runtime}, spawned at {task.spawned_at}"

    def _wanted(self, wanted):
        missing = wanted - {task.id for task in self.tasks}
        if missing:
            raise NotFound(f"no task has the id {', '.join(map(str, sorted(missing)))}")
        return [task for task in self.tasks if not wanted or task.id in wanted]

    def _summary(self):
        states = {}
        for task in self.tasks:
            states[task.state] = states.get(task.state, 0) + 1
        counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return f"{len(self.tasks)} tasks{': ' if counts else ''}{counts}"

    def backtrace(self, wanted):
        for task in self._wanted(wanted):
            yield self._title(task)
            yield from self._chain_lines(task, "  ")
        if wanted:
            return
        for address, root in self.roots.items():
            if address not in self.shown_roots:
                self.shown_roots.add(address)
                yield "outside of tasks (block_on, or a branch that a container holds)"
                yield from self._chain_lines(root, "  ")
        yield self._summary()

    def overview(self, wanted):
        for task in self._wanted(wanted):
            leaf = Chain(self, task).leaf
            yield self._title(task) + (f": {self._waits_for(leaf)}" if leaf else "")
        if not wanted:
            yield self._summary()


def describe_task(address):
    """One line about the frame whose header is at an address; for the printers."""
    try:
        table = Table()
        size = struct.unpack("<I", read(address + table.header_block_size, 4))[0]
        frame = Frame(table, address, read(address, max(size, table.header_size)))
    except (NotFound, gdb.error):
        return f"frame at {address:#x}"
    if frame.is_task:
        name = f' "{frame.name}"' if frame.name else ""
        return f"task {frame.id}{name} ({frame.state}), spawned at {frame.spawned_at}"
    if not frame.strand:
        return f"{frame.function()}, not started"
    return "ended" if frame.has_ended else frame.described(True)
