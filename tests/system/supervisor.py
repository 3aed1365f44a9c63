#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A supervisor's socket: prints what comes, a line each, with the seconds since the start before it.

usage: supervisor.py SOCKET
"""
import socket
import sys
import time


def main(path):
    begin = time.monotonic()
    supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    supervisor.bind(path)
    while True:
        message = supervisor.recv(4096).decode()
        for line in message.splitlines():
            print(f"{time.monotonic() - begin:.3f} {line}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
