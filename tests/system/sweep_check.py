#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sends every version and mode, and odd lengths, to a server; only the allowed ones may be answered.

usage: sweep_check.py SERVER

A second list of the rules, by hand: version 1 to 4 with mode 3 is answered as mode 4, with mode 1 as
mode 2, version 1 with mode 0 as mode 4; a request is 48 bytes, or longer with version 4 extension fields.
"""
import os
import socket
import struct
import sys

WAIT = 0.05  # seconds in which an answer must come; silence takes as long


def request(version, mode, length=48):
    head = struct.pack("!B", version << 3 | mode)
    return (head + bytes(39) + os.urandom(8) + bytes(max(0, length - 48)))[:length]


def expected_mode(version, mode):
    if version not in (1, 2, 3, 4):
        return None
    if version == 1 and mode == 0:
        return 4
    return {3: 4, 1: 2}.get(mode)


def ask(server, data):
    """The reply, or None for silence; the socket's port is never 123."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(WAIT)
        s.connect((server, 123))
        s.send(data)
        try:
            return s.recv(2048)
        except TimeoutError:
            return None


def wrong_in(sent, reply, mode):
    """What is wrong with a reply, or with its absence."""
    if mode is None:
        return "answered" if reply is not None else None
    if reply is None:
        return "not answered"
    if len(reply) != 48:
        return f"answered with {len(reply)} bytes"
    if reply[0] & 7 != mode or reply[0] >> 3 & 7 != sent[0] >> 3 & 7:
        return f"answered with first byte {reply[0]:#04x}"
    if reply[24:32] != sent[40:48]:
        return "origin is not the transmit time of the request"
    return None


def cases():
    for version in range(8):
        for mode in range(8):
            yield f"version {version} mode {mode}", request(version, mode), expected_mode(version, mode)
    for length in (0, 1, 47, 49, 50, 51, 52, 60, 68, 72, 120):
        yield f"length {length}", request(4, 3, length), None
    field = struct.pack("!HH", 0xF323, 28) + bytes(24)
    yield "unknown extension field", request(4, 3) + field, 4
    yield "NTS cookie", request(4, 3) + struct.pack("!HH", 0x0204, 28) + bytes(24), None
    yield "extension field of length 0", request(4, 3) + struct.pack("!HH", 0xF323, 0) + bytes(24), None


def main(server):
    failed = tried = 0
    for name, data, mode in cases():
        tried += 1
        wrong = wrong_in(data, ask(server, data), mode)
        if wrong:
            failed += 1
            print(f"{name}: {wrong}")
    print(f"{tried} requests, {failed} wrong")
    return 1 if failed else 0


sys.exit(main(sys.argv[1]))
