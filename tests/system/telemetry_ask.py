#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Asks a command of DPDK's telemetry again and again until the server is gone. Says so when it was answered first.

usage: telemetry_ask.py SOCKET COMMAND
"""
import json
import socket
import sys


def main(path, command):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.connect(path)
        server.recv(4096)
        first = True
        try:
            while True:
                server.send(command.encode())
                answer = server.recv(1 << 20)
                if not answer:
                    return
                if first:
                    print("answered", len(json.loads(answer)[command]), flush=True)
                first = False
        except (BrokenPipeError, ConnectionResetError):
            return


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
