"""Runs one row with one program of `make peers`."""

import contextlib
import dataclasses
import json
import re
import subprocess

import peers_rows


class Failure(Exception):
    """Why there is no figure: what the report says in its place."""


@dataclasses.dataclass(frozen=True)
class Figure:
    value: float  # in base units
    cpu: float = 0.0  # processor time for each operation, nanoseconds; 0: not measured


def rows_of(program):
    listed = subprocess.run([program, "list"], capture_output=True, text=True, check=True)
    return set(listed.stdout.split())


def call(command, limit):
    """What it prints. A program that does not end is one that starves its own tasks."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise Failure(f"no end within {limit:.0f} s") from None
    if result.returncode:
        raise Failure(result.stderr.strip().split("\n")[-1] or f"ended with {result.returncode}")
    return result.stdout


@contextlib.contextmanager
def server(command):
    """Yields its address and process id. It ends when its standard input does."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        if not line:
            raise Failure(f"the server ended with {process.wait()}")
        yield json.loads(line)["address"], process.pid
    finally:
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Runner:
    def __init__(self, programs, seconds):
        self.programs = programs
        self.seconds = seconds
        # Rows of few, long laps take several times as long.
        self.limit = 20 + 10 * seconds

    def run(self, row, name):
        program = self.programs[name]
        if isinstance(row.how, peers_rows.Laps):
            return self.laps(row, program)
        with server([program, row.how.server, str(row.workers), "0"]) as (address, process):
            if isinstance(row.how, peers_rows.Echo):
                return self.echo(row, address, process)
            return self.http(row, address)

    def laps(self, row, program):
        command = [program, row.name, str(row.workers), str(self.seconds)]
        printed = json.loads(call(command, self.limit))
        return Figure(printed["value"], printed["cpu"])

    def echo(self, row, address, process):
        how = row.how
        command = [self.programs["load"], address, how.connections, self.seconds, process]
        printed = json.loads(call(list(map(str, command)), self.limit))
        is_cpu = how.figure == "server_cpu"
        return Figure(printed[how.figure], 0.0 if is_cpu else printed["server_cpu"])

    def http(self, row, address):
        how = row.how
        url = f"http://127.0.0.1:{address.removeprefix('tcp:')}/"
        # wrk knows whole seconds only.
        duration = f"-d{max(1, round(self.seconds))}s"
        printed = call(["wrk", f"-t{how.threads}", f"-c{how.connections}", duration, url], self.limit)
        rate = re.search(r"^Requests/sec: *([0-9.]+)$", printed, re.MULTILINE)
        if rate is None or "Non-2xx" in printed or "Socket errors" in printed:
            raise Failure("wrk reports errors")
        return Figure(float(rate.group(1)))
