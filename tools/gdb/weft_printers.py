"""gdb's pretty-printers for weft's types. They need the debug information of the program that is printed
from, like any printer; what they say of tasks they have from weft_tasks.py."""

import os

import gdb
import gdb.printing

import weft_tasks


def atomic(value):
    """The number that a weft::loom::Atomic holds."""
    return int(value["value_"]["_M_i"])


def shared(pointer):
    """What a std::shared_ptr points to, or None."""
    target = pointer["_M_ptr"]
    return target.dereference() if int(target) else None


def dereferenced(pointer):
    return pointer.dereference() if int(pointer) else None


def plural(count, noun):
    return f"{count} {noun}" + ("" if count == 1 else "s")


class Printer:
    """A value shown as `type: text`, and below it its children()."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return f"{self.name()}: {self.text()}"

    def name(self):
        return str(self.value.type.strip_typedefs().unqualified())


class Frame(Printer):
    """weft::Task."""

    def text(self):
        frame = int(self.value["frame_"])
        return weft_tasks.describe_task(frame) if frame else "moved from, or awaited"


class JoinHandle(Printer):
    def text(self):
        task = int(self.value["task_"])
        return weft_tasks.describe_task(task) if task else "moved from, or its result was taken"


class AbortHandle(Printer):
    def text(self):
        task = int(self.value["reference_"]["target_"])
        return weft_tasks.describe_task(task) if task else "moved from"


class Error(Printer):
    SYSTEM = 0

    def text(self):
        number = int(self.value["value_"])
        if int(self.value["origin_"]) == self.SYSTEM:
            return f"{os.strerror(number)} (errno {number})"
        # Its enumerators are only described where somebody uses them.
        try:
            return str(gdb.Value(number).cast(gdb.lookup_type("weft::Errc")))
        except gdb.error:
            return f"weft::Errc({number})"


class Result(Printer):
    def has_value(self):
        return bool(self.value["storage_"]["has_value_"])

    def text(self):
        return "a value" if self.has_value() else "an error"

    def children(self):
        half = "value" if self.has_value() else "error"
        yield half, self.value["storage_"][half + "_"]


class Mutex(Printer):
    def text(self):
        raw = self.value["raw_"]
        if atomic(raw["semaphore_"]["state_"]) >> 3:
            return "unlocked"
        owner = atomic(raw["owner_"])
        return "locked by " + (weft_tasks.describe_task(owner) if owner else "code outside of tasks")

    def children(self):
        yield "value", self.value["value_"]


class Channel(Printer):
    """One end of a channel: channel() is what both ends share, or None; facts() says what of it."""

    def text(self):
        channel = self.channel()
        return "moved from, or finished" if channel is None else ", ".join(self.facts(channel))


class Mpsc(Channel):
    RX_CLOSED, TX_CLOSED, ONE = 1, 2, 4

    def channel(self):
        return dereferenced(self.value["channel_"])

    def facts(self, channel):
        queue = channel["list_"]
        tail = atomic(queue["tail_"])
        end = int(queue["closed_at_"]) if tail & self.RX_CLOSED else tail // self.ONE
        yield plural(max(end - int(queue["index_"]), 0), "message")
        if any(field.name == "permits_" for field in channel.type.fields()):
            yield f"capacity {int(channel['permits_']['capacity_'])}"
        yield plural(atomic(channel["strong_"]), "sender")
        if bool(channel["rx_closed_"]):
            yield "closed by the receiver"
        if tail & self.TX_CLOSED:
            yield "all senders are gone"


class Oneshot(Channel):
    SENT, CLOSED, VALUE = 2, 4, 16

    def channel(self):
        return dereferenced(self.value["channel_"])

    def facts(self, channel):
        state = atomic(channel["state_"])
        if state & self.CLOSED:
            yield "closed by the receiver"
        elif state & self.SENT:
            yield "sent" if state & self.VALUE else "the sender is gone"
        else:
            yield "nothing sent yet"


class Watch(Channel):
    CLOSED, ONE = 1, 2

    def channel(self):
        return shared(self.value["state_"])

    def facts(self, channel):
        version = atomic(channel["version_"])
        yield f"version {version // self.ONE}"
        yield plural(atomic(channel["senders_"]), "sender")
        yield plural(atomic(channel["receivers_"]), "receiver")
        if version & self.CLOSED:
            yield "closed"
        if any(field.name == "seen_" for field in self.value.type.strip_typedefs().fields()):
            yield "seen" if int(self.value["seen_"]) == version & ~self.CLOSED else "not seen"

    def children(self):
        channel = self.channel()
        if channel is not None:
            yield "value", channel["value_"]


class Broadcast(Channel):
    def channel(self):
        return shared(self.value["ring_"])

    def facts(self, ring):
        yield f"{atomic(ring['tail_'])} sent"
        if any(field.name == "next_" for field in self.value.type.strip_typedefs().fields()):
            yield f"{atomic(ring['tail_']) - int(self.value['next_'])} not received"
        yield f"capacity {int(ring['capacity_'])}"
        yield plural(atomic(ring["senders_"]), "sender")
        yield plural(atomic(ring["receivers_"]), "receiver")


def collection():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("weft")
    for name, pattern, printer in (
        ("Task", r"weft::Task<.*>", Frame),
        ("JoinHandle", r"weft::JoinHandle<.*>", JoinHandle),
        ("AbortHandle", r"weft::AbortHandle", AbortHandle),
        ("Error", r"weft::Error", Error),
        ("Result", r"weft::Result<.*>", Result),
        ("Mutex", r"weft::sync::Mutex<.*>", Mutex),
        ("mpsc", r"weft::sync::mpsc::(Unbounded)?(Sender|Receiver)<.*>", Mpsc),
        ("oneshot", r"weft::sync::oneshot::(Sender|Receiver)<.*>", Oneshot),
        ("watch", r"weft::sync::watch::(Sender|Receiver)<.*>", Watch),
        ("broadcast", r"weft::sync::broadcast::(Sender|Receiver)<.*>", Broadcast),
    ):
        printers.add_printer(name, f"^{pattern}$", printer)
    return printers
