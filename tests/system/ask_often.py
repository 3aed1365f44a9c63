#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: ask_often.py ADDRESS COUNT: asks so often, from a port of its own each time; 0 if each was answered."""
import socket
import sys

address, count = sys.argv[1], int(sys.argv[2])
answered = 0
for i in range(count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(2)
        s.sendto(b"\x23" + bytes(39) + i.to_bytes(8, "big"), (address, 123))
        try:
            reply = s.recv(128)
        except TimeoutError:
            continue
        answered += len(reply) == 48 and reply[24:32] == i.to_bytes(8, "big")
print(f"{answered} of {count} answered")
sys.exit(answered != count)
