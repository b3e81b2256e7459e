"""Builds the programs of `make peers`: weft's and the baseline with the reference compiler, others as
their own users would, with Debian's tools and packages and without a network."""

import os
import pathlib
import shutil
import subprocess
import sys

import tree

PEERS = tree.ROOT / "benches" / "peers"
BUILD = tree.ROOT / "build" / "peers"


def run(command, directory=tree.ROOT, **environment):
    """Silent, unless it fails."""
    result = subprocess.run(
        command, cwd=directory, env={**os.environ, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )
    if result.returncode:
        sys.exit(f"{result.stdout}\npeers: failed: {' '.join(map(str, command))}")


def system_tool(name):
    """Debian's own, where it is: another of the name may come first on PATH, without our crates."""
    tool = pathlib.Path("/usr/bin", name)
    return str(tool) if tool.exists() else shutil.which(name) or sys.exit(f"peers: no {name} found")


def cmake(source, directory, jobs, targets, *options):
    run(["cmake", "-S", source, "-B", directory, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", *options])
    run(["cmake", "--build", directory, "--parallel", str(jobs), "--target", *targets])


def build_weft(jobs):
    directory = BUILD / "weft"
    cmake(tree.ROOT, directory, jobs, ["weft_peer", "raw_peer"], "-DCMAKE_CXX_COMPILER=clang++-19",
          "-DWEFT_BUILD_TESTS=OFF", "-DWEFT_BUILD_EXAMPLES=OFF", "-DWEFT_INSTALL=OFF",
          "-DWEFT_BUILD_BENCHES=ON")
    programs = directory / "benches" / "peers"
    return {"weft": programs / "weft" / "weft_peer", "raw": programs / "raw" / "raw_peer"}


def build_others(jobs):
    directory = BUILD / "others"
    cmake(PEERS, directory, jobs, ["all"], "-DCMAKE_C_COMPILER=gcc", "-DCMAKE_CXX_COMPILER=g++")
    return {
        "tbb": directory / "tbb" / "tbb_peer",
        "libuv": directory / "uv" / "uv_peer",
        "asio": directory / "asio" / "asio_peer",
        "load": directory / "load" / "load",
    }


def build_tokio(jobs):
    # Its own home: settings of the user's cargo would come before those beside the sources.
    target = BUILD / "tokio"
    run([system_tool("cargo"), "build", "--release", "--offline", "--jobs", str(jobs)],
        PEERS / "tokio", CARGO_HOME=str(BUILD / "cargo-home"), CARGO_TARGET_DIR=str(target),
        RUSTC=system_tool("rustc"), RUSTFLAGS="")
    return {"tokio": target / "release" / "tokio_peer"}


def build_go(jobs):
    program = BUILD / "go" / "go_peer"
    run([system_tool("go"), "build", "-p", str(jobs), "-o", program, "."], PEERS / "go",
        GOCACHE=str(BUILD / "go-cache"), GOPATH=str(BUILD / "go-path"), GOPROXY="off", GOFLAGS="")
    return {"go": program}


def build_all(jobs):
    """Where each program is, by the peer's name; `load` is the load generator."""
    BUILD.mkdir(parents=True, exist_ok=True)
    programs = {}
    steps = {"weft, baseline": build_weft, "tbb, libuv, asio, load": build_others,
             "tokio": build_tokio, "go": build_go}
    for names, step in steps.items():
        print(f"building {names}", flush=True)
        programs |= step(jobs)
    return programs
