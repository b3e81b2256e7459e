"""What `make peers` compares: the rows, in the order in which they are shown, and the peers.

A row is measured with every program that has it (`<program> list` says so), so a new row is one line
here and one function in each program that can do the same work. The names are those of the goals and
never change; titles and units are for the reader.
"""

import dataclasses

# What a unit is in the base units that programs report: nanoseconds, bytes, operations per second.
UNITS = {"ns": 1, "us": 1e3, "ms": 1e6, "B": 1, "MB": 1e6, "1/s": 1}


@dataclasses.dataclass(frozen=True)
class Laps:
    """The program measures itself: `<program> <row> <workers> <seconds>`."""

    def needs(self, row):
        return row.name


@dataclasses.dataclass(frozen=True)
class Echo:
    """The program serves, our load generator measures: so many connections, this of its figures."""

    server: str
    connections: int
    figure: str

    def needs(self, _row):
        return self.server


@dataclasses.dataclass(frozen=True)
class Http:
    """The program serves, wrk measures."""

    server: str
    threads: int
    connections: int

    def needs(self, _row):
        return self.server


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    unit: str
    goal: tuple = ()  # (peer, how many times better than it weft is to be)
    workers: int = 4
    cores: int = 0  # without which the row says nothing; 0: as many as workers
    how: object = Laps()

    @property
    def needed_cores(self):
        return self.cores or self.workers

    @property
    def more_is_better(self):
        return self.unit == "1/s"

    def ratio(self, weft, peer):
        """How many times better weft is."""
        return weft / peer if self.more_is_better else peer / weft


def one_task(name, title, unit, goal=()):
    """A row of a single task at work: as true on one core as on four."""
    return Row(name, title, unit, goal, cores=1)


def tcp_echo(workers, goal):
    how = Echo("serve_tcp_echo", 64, "server_cpu")
    title = f"TCP echo, 64 connections, w{workers}: server's CPU, per request"
    return Row(f"echo_cpu_w{workers}", title, "us", goal, workers, how=how)


ROWS = [
    Row("spawn_from_worker", "spawn 10^6 from a task, wait for all", "ns", ("tokio", 463 / 60)),
    Row("spawn_from_outside", "spawn 10^6 from a foreign thread", "ns", ("tokio", 514 / 120)),
    Row("spawn_join", "spawn and join, one after the other", "ns", ("tokio", 235 / 50)),
    Row("spawn_join_block_on", "the same through block_on", "ns", ("tokio", 43700 / 5000)),
    # With one worker nothing runs before all are spawned; with more it is a matter of chance.
    Row("spawn_peak_rss", "peak memory of 10^6 spawns, w1", "MB", workers=1),
    one_task("bytes_per_task_parked", "memory of a task that waits", "B", ("go", 2702 / 160)),
    one_task("bytes_per_task_sleeping", "memory of a task that sleeps", "B", ("go", 2702 / 256)),
    Row("yield_many", "yield, 200 tasks x 1000", "ns", ("tokio", 48 / 8)),
    Row("ping_pong", "ping-pong over two oneshots, 1000 pairs at once", "ns", ("tokio", 1068 / 150)),
    Row("chained_spawn", "chain of 1000 tasks, each spawns the next", "ns", ("tokio", 162 / 45)),
    Row("spawn_remote_busy1", "spawn from outside, workers kept busy by yielding tasks", "ns",
        ("tokio", 587 / 150)),
    Row("spawn_remote_busy2", "spawn from outside, workers kept busy by spawning tasks", "ns"),
    one_task("await_child", "co_await of a child that completes at once", "ns", ("raw", 3.7 / 5)),
    one_task("fib_join", "fib(30), join of two children per call", "ns", ("tokio", 21.8 / 12)),
    Row("fib_spawn", "fib(30), two spawns per call", "ns", ("tokio", 281 / 60)),
    Row("skynet_spawn", "tree of spawned tasks with 10^6 leaves, per leaf", "ns", ("tokio", 288 / 60)),
    Row("fib_scope", "fib(30), fork and join in a scope", "ns"),
    Row("skynet_scope", "the tree of 10^6 leaves in scopes, per leaf", "ns"),
    one_task("oneshot_same_task", "oneshot: create, send, receive", "ns", ("tokio", 41.7 / 15)),
    Row("mpsc_bounded_1p1c", "mpsc of 1024, one producer", "ns", ("tokio", 83 / 30)),
    Row("mpsc_bounded_4p1c", "mpsc of 1024, four producers", "ns", ("tokio", 119 / 40)),
    Row("mpsc_unbounded_1p1c", "mpsc unbounded, one producer", "ns", ("tokio", 45 / 20)),
    Row("mpsc_unbounded_4p1c", "mpsc unbounded, four producers", "ns", ("tokio", 120 / 30)),
    one_task("mpsc_create_drop", "mpsc: create and drop", "ns", ("tokio", 130 / 100)),
    one_task("mutex_uncontended", "mutex, one task", "ns", ("tokio", 43 / 10)),
    Row("mutex_4", "mutex, 4 tasks", "ns", ("tokio", 168 / 30)),
    Row("mutex_100", "mutex, 100 tasks", "ns", ("tokio", 164 / 50)),
    one_task("semaphore_uncontended", "semaphore, one task", "ns", ("tokio", 39 / 12)),
    one_task("rwlock_read", "rwlock: read, one task", "ns", ("tokio", 44 / 12)),
    one_task("rwlock_write", "rwlock: write, one task", "ns", ("tokio", 41 / 12)),
    Row("notify_ping_pong", "notify, there and back", "ns", ("tokio", 198 / 120)),
    one_task("watch_send", "watch: send", "ns", ("tokio", 36 / 25)),
    one_task("watch_borrow", "watch: borrow", "ns", ("tokio", 11.9 / 8)),
    Row("broadcast_1_8", "broadcast to 8, in batches of 100, per message", "ns", ("tokio", 623 / 150)),
    one_task("timer_create_cancel", "timer: create, poll, cancel", "ns", ("go", 284 / 50)),
    Row("timer_create_cancel_4", "the same in 4 tasks at once, in each", "ns", ("go", 284 / 60)),
    Row("sleeps_100k_cpu", "10^5 sleeps of 1-1000 ms: CPU of all", "ms", ("asio", 120 / 60)),
    Row("sleeps_100k_p99", "10^5 sleeps of 1-1000 ms: lateness, p99", "ms", ("tokio", 2.6 / 2)),
    tcp_echo(1, ("raw", 1 / 1.05)),
    tcp_echo(2, ("raw", 1 / 1.10)),
    tcp_echo(4, ("raw", 1 / 1.10)),
    Row("echo_rtt_1", "TCP echo, 1 connection: round trip, p50", "us", ("raw", 83 / 35), cores=2,
        how=Echo("serve_tcp_echo", 1, "p50")),
    Row("http_wrk", "HTTP hello under wrk -t2 -c64, 2 workers", "1/s", ("tokio", 1.15), 2,
        how=Http("serve_http", 2, 64)),
    Row("udp_echo_cpu", "UDP echo, 64 sockets: server's CPU, per request", "us", ("raw", 1 / 1.10),
        how=Echo("serve_udp_echo", 64, "server_cpu")),
    Row("unix_echo_cpu", "unix stream echo, 64 connections: server's CPU, per request", "us",
        ("raw", 1 / 1.10), how=Echo("serve_unix_echo", 64, "server_cpu")),
    Row("fs_read_small", "read 10,000 files of 4 KiB at once, per file", "us", ("tokio", 8.7 / 3)),
    Row("fs_read_small_cpu", "the same: CPU, per file", "us", ("tokio", 28.9 / 6)),
    Row("fs_write_1g", "write 1 GiB in chunks of 64 KiB", "ms", ("raw", 1 / 1.5), cores=1),
    Row("fs_read_1g", "read 1 GiB in chunks of 64 KiB", "ms", ("raw", 1 / 1.5), cores=1),
    Row("spawn_blocking", "spawn_blocking, there and back", "us", ("tokio", 30 / 12)),
    Row("spawn_blocking_16", "spawn_blocking, 16 at once", "us", ("tokio", 6.4 / 2)),
    Row("process_true_8", "/bin/true, 8 at once", "us", ("tokio", 202 / 150)),
    Row("runtime_start_stop", "start and stop a runtime", "us", ("tokio", 276 / 150)),
]


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str  # as the goals and the command line call it
    package: str  # of Debian, which says its version; "": ours
    built: str  # how, for the reader

    def label(self, versions):
        """As in peers.json: with major and minor version."""
        version = versions.get(self.package, "")
        return f"{self.name}-{'.'.join(version.split('.')[:2])}" if version else self.name


PEERS = [
    Peer("tokio", "librust-tokio-dev", "cargo build --release, features = [\"full\"]"),
    Peer("go", "golang-go", "go build"),
    Peer("tbb", "libtbb-dev", "g++ -O3 -DNDEBUG, Debian's shared library"),
    Peer("libuv", "libuv1-dev", "g++ -O3 -DNDEBUG, Debian's shared library"),
    Peer("asio", "libasio-dev", "g++ -O3 -DNDEBUG, headers only"),
    Peer("raw", "", "as weft: a bare coroutine, an epoll loop on one thread"),
]
