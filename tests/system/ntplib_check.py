#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Asks a server with python3-ntplib and checks every field of its replies.

usage: ntplib_check.py SERVER STRATUM [REFERENCE-ID]

The server keeps the same clock as this program, so each of its times lies between this program's own, as far as it
says itself how far off it may be. Exit 0 if every field of every reply is right; otherwise each wrong one is named.
"""
import struct
import sys
import time

import ntplib

ROUNDING = 1e-5  # seconds: of times as floating point numbers
ROUNDS = 5


def fields(reply, sent, received, version, stratum, reference_id):
    """What must hold, by field."""
    near = reply.root_dispersion + ROUNDING
    return {
        "leap": reply.leap == 0,
        "version": reply.version == version,
        "mode": reply.mode == 4,
        "stratum": reply.stratum == stratum,
        "poll": reply.poll == 0,
        "precision": -30 <= reply.precision <= -18,
        "root delay": reply.root_delay == 0.0,
        "root dispersion": 0 < reply.root_dispersion < 0.1,
        "reference id": struct.pack("!I", reply.ref_id) == reference_id,
        "reference time": 0 <= reply.tx_time - reply.ref_time <= 64,
        "origin time": sent - ROUNDING <= reply.orig_time <= received + ROUNDING,
        "receive time": sent - near <= reply.recv_time <= received + near,
        "transmit time": sent - near <= reply.tx_time <= received + near,
        "receive before transmit": reply.recv_timestamp <= reply.tx_timestamp,
        "offset": abs(reply.offset) <= reply.delay / 2 + near,
        "delay": -ROUNDING < reply.delay <= received - sent + near,
    }


def main(server, stratum, reference_id="LOCL"):
    wrong = set()
    ntplib.NTPClient().request(server, timeout=3)  # loads resolver and neighbour entry
    for version in (2, 3, 4):
        for _ in range(ROUNDS):
            sent = time.time()
            reply = ntplib.NTPClient().request(server, version=version, timeout=3)
            seen = fields(reply, sent, time.time(), version, int(stratum), reference_id.encode())
            wrong |= {f"version {version}: {name}" for name, holds in seen.items() if not holds}
    for name in sorted(wrong):
        print(f"wrong: {name}")
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:]))
