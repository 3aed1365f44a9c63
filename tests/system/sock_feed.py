#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tells a daemon five times a second that this machine's clock is right, as a clock on a socket would.

usage: sock_feed.py PATH SECONDS

The samples are those of chrony's and ntpd-rs's `sock` sources: 40 bytes in a datagram.
"""
import socket
import struct
import sys
import time


def main(path, seconds):
    feed = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    feed.setblocking(False)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        now = time.time()
        sample = struct.pack("qqdiiii", int(now), int(now % 1 * 1e6), 1e-6, 0, 0, 0, 0x534F434B)
        try:
            feed.sendto(sample, path)
        except OSError:
            pass  # the daemon is not there, or stands still
        time.sleep(0.2)


main(*sys.argv[1:])
