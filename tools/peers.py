#!/usr/bin/env python3
"""make peers: the same work with weft and with its peers, in turn, and how many times better weft is.

    tools/peers.py [--rows TEXT] [--full] [--jobs N]

Builds what is missing and runs each row (peers_rows.py) in rounds: in each, weft and then every peer
that has the row, in the next round the other way round. A ratio is formed within a round, so that
what else the machine does at the time weighs on both; the median of the ratios counts. Three rounds
of about half a second a program; --full: seven of two seconds.

Writes build/peers.json, build/peers.svg (the ratios, drawn), build/peers.md (the table for
docs/benchmarks.md) and build/peers-runs.json (every single run).
"""

import argparse
import os
import platform
import statistics
import subprocess
import time

import peers_build
import peers_report
import peers_rows
import peers_run

QUICK = {"rounds": 3, "seconds": 0.5}
FULL = {"rounds": 7, "seconds": 2.0}


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def package_versions():
    """Of Debian's packages, without epoch and revision."""
    versions = {}
    for peer in peers_rows.PEERS:
        if peer.package:
            version = first_line("dpkg-query", "-W", "-f=${Version}", peer.package)
            versions[peer.package] = version.split(":")[-1].split("-")[0].split("~")[0]
    return versions


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def machine():
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": f"{platform.system()} {platform.release()}",
        "compilers": [first_line("clang++-19", "--version"), first_line("g++", "--version")],
        "date": time.strftime("%Y-%m-%d"),
        "load": os.getloadavg()[0],
    }


def measure(row, names, runner, rounds):
    """All figures of a row, by program, one for each round; and why a peer has none."""
    runs = {name: [] for name in names}
    failures = {}
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            if name in failures:
                continue
            try:
                figure = runner.run(row, name)
            except peers_run.Failure as failure:
                failures[name] = str(failure)
                continue
            runs[name].append({"value": figure.value, "cpu": figure.cpu})
    for name in failures:
        del runs[name]
    return {"runs": runs, "failures": failures}


def show(row, measured):
    scale = peers_rows.UNITS[row.unit]
    parts = []
    for name, runs in measured["runs"].items():
        median = statistics.median(run["value"] for run in runs) / scale
        parts.append(f"{name} {median:.4g}")
    parts += [f"{name}: {why}" for name, why in measured["failures"].items()]
    print(f"{row.name:26}{row.unit:4} {'   '.join(parts)}", flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", default="", help="only rows whose name contains this")
    parser.add_argument("--full", action="store_true", help="more and longer rounds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="for building")
    return parser.parse_args()


def main():
    options = arguments()
    plan = FULL if options.full else QUICK
    rows = [row for row in peers_rows.ROWS if options.rows in row.name]
    if not rows:
        raise SystemExit(f"peers: no row's name contains '{options.rows}'")
    programs = peers_build.build_all(options.jobs)
    order = ["weft", *(peer.name for peer in peers_rows.PEERS)]
    has = {name: peers_run.rows_of(programs[name]) for name in order}

    runner = peers_run.Runner(programs, plan["seconds"])
    results = {"machine": machine(), "plan": plan, "versions": package_versions(), "rows": {}}
    print(f"{plan['rounds']} rounds of {plan['seconds']} s; load before: {results['machine']['load']}")
    for row in rows:
        names = [name for name in order if row.how.needs(row) in has[name]]
        if "weft" not in names:
            continue  # what it measures does not exist yet
        if row.needed_cores > results["machine"]["cores"]:
            results["rows"][row.name] = {"not_measurable": f"needs {row.needed_cores} cores"}
            print(f"{row.name:26}not measurable: needs {row.needed_cores} cores")
            continue
        results["rows"][row.name] = measure(row, names, runner, plan["rounds"])
        show(row, results["rows"][row.name])
    peers_report.write(results, peers_build.BUILD.parent)


if __name__ == "__main__":
    main()
