#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Asks a server a few times, as a client does, and prints what it says of its time as one
line of JSON.

usage: reference_look.py SERVER

Leap, stratum, reference identifier (hexadecimal), root delay and dispersion in seconds, how long before
its transmit time its reference time lies, and the offset to this machine's clock with how far off that can be by the
time the exchange took and what the server says of itself.
"""
import json
import socket
import struct
import sys
import time

UNIX = 2208988800


def ask(client):
    """One request: how long it took, and what its reply says. None without a reply."""
    sent = time.time()
    client.send(bytes([4 << 3 | 3]) + bytes(39) + struct.pack("!Q", 0x1122334455667788))
    try:
        reply = client.recv(200)
    except TimeoutError:
        return None
    took = time.time() - sent
    first, stratum, _, _, delay, dispersion, identifier = struct.unpack("!BBbbIII", reply[:16])
    reference, origin, received, transmitted = struct.unpack("!QQQQ", reply[16:48])
    if origin != 0x1122334455667788:
        sys.exit("not the reply to this request")
    return took, {
        "leap": first >> 6, "stratum": stratum, "id": f"{identifier:08x}", "delay": delay / 2**16,
        "dispersion": dispersion / 2**16, "age": (transmitted - reference) / 2**32,
        "offset": (received + transmitted) / 2**33 - UNIX - sent - took / 2,
        "bound": took / 2 + (delay / 2 + dispersion) / 2**16 + 1e-5, "at": time.monotonic()}


def main(server):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(1)
    client.connect((server, 123))
    # A machine with much to do delays some, and a worker that slept tells that in its dispersion; the
    # quickest and the least of a few have the least of that.
    replies = [reply for reply in (ask(client) for _ in range(12)) if reply is not None]
    if not replies:
        sys.exit("no reply")
    best = min(replies, key=lambda reply: reply[0])[1]
    best["dispersion"] = min(reply[1]["dispersion"] for reply in replies)
    print(json.dumps(best))


main(*sys.argv[1:])
