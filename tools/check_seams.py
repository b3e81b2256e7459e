#!/usr/bin/env python3
"""What the library may use in one place only.

Threads and shared memory: std::atomic, std::mutex and their like, thread_local. They belong to loom/,
whose types are these, or the model checker's; a direct use is invisible to the checker. The standard
guards (std::lock_guard and the like) over loom's mutex are fine. base/sys stands below loom/ and
wraps pthread_create. Tests, benchmarks and examples are free to use all of them.

System calls: called directly in base/sys alone, which retries EINTR, turns errno into an Error, and
lets tests replace a call.
"""

import re
import sys

import tree

THREADING = re.compile(
    r"\bstd::(?:atomic\w*|(?:recursive_|shared_|timed_)*mutex|condition_variable\w*|jthread|thread\b"
    r"|call_once|once_flag|counting_semaphore|binary_semaphore|latch|barrier)\b"
    r"|\bthread_local\b(?!\.h)|\b__thread\b|\bpthread_(?:create|mutex_\w+|cond_\w+|key_create)\b"
    r"|#\s*include\s*<(?:atomic|thread|shared_mutex|condition_variable|semaphore|latch|barrier)>"
)
# An id names a thread without touching shared memory.
HARMLESS = re.compile(r"std::thread::id\b")

SYSTEM_CALLS = (
    "read readv pread preadv write writev pwrite pwritev open openat close socket socketpair bind"
    " connect listen accept accept4 send sendto sendmsg recv recvfrom recvmsg shutdown getsockopt"
    " setsockopt getsockname getpeername poll ppoll epoll_create1 epoll_ctl epoll_wait epoll_pwait"
    " epoll_pwait2 eventfd timerfd_create timerfd_settime signalfd fcntl ioctl pipe pipe2 dup dup2"
    " dup3 fork vfork execve waitid waitpid kill mmap munmap mprotect madvise syscall getrlimit"
    " setrlimit sigaction fsync fdatasync ftruncate fstat stat lstat"
).split()
SYSTEM_CALL_NAME = r"(?<![\w:>])(?<!struct )::(?:" + "|".join(SYSTEM_CALLS) + r")\b"
DIRECT_CALL = re.compile(SYSTEM_CALL_NAME + r"\s*\(")

# The one door to system calls; and the line of a fatal check, which must come out whatever a test
# has put in place of the calls.
BASE_SYS = ("base/sys", "base/internal/sys_")
SYSTEM_CALLERS = (*BASE_SYS, "base/check.cc")


def report(path, text, pattern, advice):
    count = 0
    for match in pattern.finditer(text):
        if HARMLESS.match(text, match.start()):
            continue
        line = tree.line_of(text, match.start())
        print(f"{tree.relative(path)}:{line}: {match.group().strip('( ')}: {advice}")
        count += 1
    return count


def main():
    found = 0
    for path in tree.library():
        text = tree.code_of(path.read_text())
        where = tree.relative(path)
        if not where.startswith(("loom/", *BASE_SYS)):
            found += report(path, text, THREADING, "use the types of <weft/loom/...>")
        if not where.startswith(SYSTEM_CALLERS):
            found += report(path, text, DIRECT_CALL, "go through weft::sys (base/sys.h)")
    return found > 0


if __name__ == "__main__":
    sys.exit(main())
