#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: telemetry_workers.py SOCKET COUNT: 0 if DPDK's telemetry tells of workers 0 to COUNT - 1 and no other."""
import json
import socket
import sys

path, count = sys.argv[1], int(sys.argv[2])


def stats(s, limit, parameter=""):
    s.send(b"/ntpwire/stats" + parameter.encode())
    return json.loads(s.recv(limit))["/ntpwire/stats"]


with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
    s.settimeout(5)
    s.connect(path)
    limit = json.loads(s.recv(1024))["max_output_len"]
    everything = stats(s, limit)
    alone = [stats(s, limit, f",{i}") for i in range(count)]
    wrong = [stats(s, limit, f",{p}") for p in (count, "x", -1)]
told = [name for name in everything if name.startswith("worker") and name != "workers"]
print("telemetry:", everything["workers"], told, wrong)
# Those that fit into one answer; there is always room for some.
sys.exit(everything["workers"] != count or told != [f"worker{i}" for i in range(len(told))] or
         len(told) < min(count, 8) or
         any(list(a) != [f"worker{i}"] or a[f"worker{i}"]["polls"] == 0 for i, a in enumerate(alone)) or
         any(wrong))
