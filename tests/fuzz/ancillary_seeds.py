#!/usr/bin/env python3
"""Writes the seeds of the ancillary targets into corpus/: the hostile list of the specification
(ancillary.md, "Hostile inputs"), one file an input, named after what is wrong with it.

The files are committed; this is how to make them again after a change of the targets' input format.
"""

import pathlib
import random
import struct

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6 = 1, 0, 41
RIGHTS, CREDENTIALS, SECURITY, PIDFD, TIMESTAMP, TIMESTAMPNS = 1, 2, 3, 4, 29, 35


def header(size, level=SOL_SOCKET, kind=RIGHTS):
    return struct.pack("<Qii", size, level, kind)


def message(payload, level=SOL_SOCKET, kind=RIGHTS, size=None):
    data = header(16 + len(payload) if size is None else size, level, kind) + payload
    return data + bytes(-len(data) % 8)


def ints(*numbers):
    return struct.pack(f"<{len(numbers)}i", *numbers)


def hostile():
    one = message(ints(3))
    for size in (0, 1, 15, 16, 17, 19, 20, 24, 25, 2**31, 2**32 - 1, 2**64 - 1, 2**64 - 7):
        yield f"size_{size:x}", header(size) + ints(5, 6)
        yield f"size_{size:x}_after_one", one + header(size) + ints(5, 6)
    yield "empty", b""
    yield "zero_headers_between", one + bytes(16) + one
    for cut in range(1, 16):
        yield f"header_cut_{cut}", one + header(20)[:cut]
        yield f"trailing_{cut}", one + bytes(cut)
    for size in (1, 2, 3, 5, 6, 7):
        yield f"payload_{size}", message(bytes([7]) * size) + one
    for count in (0, 1, 2, 253, 254):
        yield f"rights_{count}", message(ints(*range(count)))
    yield "rights_several", message(ints(9)) + message(ints(10, 11)) + message(ints(12))
    yield "negative", message(ints(-1, 5, -2**31, 6))
    yield "repeated", message(ints(5, 5, 6, 5)) + message(ints(6, 7))
    yield "descending", message(ints(9, 8, 7, 6, 5))
    yield "standard_streams", message(ints(0, 1, 2))
    yield "unknown_level_rights", message(ints(4), level=99) + message(ints(4), level=IPPROTO_IP)
    yield "pidfd", message(ints(5), kind=PIDFD)
    yield "pidfd_short", message(b"\x05\x00", kind=PIDFD)
    yield "pidfd_and_rights_same", message(ints(5)) + message(ints(5), kind=PIDFD)
    yield "credentials", message(ints(1, 0, 0), kind=CREDENTIALS) + one
    yield "credentials_short", message(ints(1), kind=CREDENTIALS) + one
    yield "label", message(b"system_u:object_r\x00", kind=SECURITY)
    yield "label_without_end", message(b"unconfined", kind=SECURITY)
    yield "label_empty", message(b"", kind=SECURITY)
    yield "timestamp", message(struct.pack("<qq", 1, 999_999), kind=TIMESTAMP)
    yield "timestamp_beyond", message(struct.pack("<qq", 2**63 - 1, -5), kind=TIMESTAMPNS)
    yield "packet_info_4", message(bytes(range(12)), IPPROTO_IP, 8)
    yield "packet_info_6", message(bytes(range(20)), IPPROTO_IPV6, 50)
    yield "tos", message(b"\x60", IPPROTO_IP, 1)
    yield "traffic_class", message(ints(-1), IPPROTO_IPV6, 67)
    yield "truncated_rights", header(16 + 12) + ints(5, 6)
    yield "unaligned_end", message(ints(1, 0, 0), kind=CREDENTIALS) + header(19) + b"\x07\x07\x07"
    chance = random.Random(253)
    for size in (31, 500, 4096):
        yield f"random_{size}", chance.randbytes(size)


def programs():
    yield "nothing", bytes([0, 0])
    yield "one_message", bytes([40, 0]) + bytes([0, 41, 9, 7])
    yield "exactly_full", bytes([48, 0]) + bytes([0, 41, 9, 8] * 2)
    yield "too_full", bytes([47, 0]) + bytes([0, 41, 9, 8] * 2)
    yield "fds_in_two_blocks", bytes([0, 7]) + bytes([1, 0, 0, 200, 1, 0, 0, 53])
    yield "too_many_fds", bytes([0, 7]) + bytes([1, 0, 0, 200, 1, 0, 0, 100, 1, 0, 0, 254])
    yield "no_fds", bytes([0, 7]) + bytes([1, 0, 0, 0])
    yield "fds_as_bytes", bytes([0, 1]) + bytes([0, 0, 1, 4, 0, 0, 4, 4])
    yield "reserve_between", bytes([0, 0]) + bytes([1, 0, 0, 1, 2, 0, 0, 255, 1, 0, 0, 2])


def write(name, inputs):
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for label, data in inputs:
        (folder / label).write_bytes(data)


def main():
    seeds = list(hostile())
    write("ancillary_parse", ((name, bytes([i % 16]) + data) for i, (name, data) in enumerate(seeds)))
    write("ancillary_adopt",
          ((name, bytes([i % 16, i % 5]) + data) for i, (name, data) in enumerate(seeds)))
    write("ancillary_round_trip", programs())


if __name__ == "__main__":
    main()
