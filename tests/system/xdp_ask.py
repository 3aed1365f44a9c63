#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""One UDP datagram for xdp.test.

usage: xdp_ask.py ask ADDRESS PORT [SOURCE-PORT]   sends an NTP request; exit code 0: an answer came
       xdp_ask.py answer PORT                      answers each datagram with itself, until it is ended
       xdp_ask.py hold ID                          holds the eBPF program with this id, until it is ended
"""
import ctypes
import signal
import socket
import sys


def ask(address, port, source=0):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", int(source)))
        s.settimeout(1)
        for _ in range(3):
            s.sendto(b"\x23" + bytes(47), (address, int(port)))
            try:
                return 0 if len(s.recv(64)) == 48 else 1
            except TimeoutError:
                pass
    return 1


def answer(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", int(port)))
        while True:
            s.sendto(*s.recvfrom(64))


def hold(program):
    descriptor = ctypes.CDLL("libbpf.so.1").bpf_prog_get_fd_by_id(int(program))
    print("held" if descriptor >= 0 else "not held", flush=True)
    signal.pause()


sys.exit({"ask": ask, "answer": answer, "hold": hold}[sys.argv[1]](*sys.argv[2:]))
