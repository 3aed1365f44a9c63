#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Stops one thread of a process until it is ended itself by SIGTERM; the others go on.

usage: freeze.py PID THREAD

THREAD: "main", or how a thread's name begins. It prints "frozen" when the thread stands. Signals stop a whole process, a tracer stops one thread.
"""
import ctypes
import os
import pathlib
import signal
import sys

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000


def thread_find(pid, name):
    if name == "main":
        return pid
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().startswith(name):
            return int(task.name)
    sys.exit(f"freeze.py: process {pid} has no thread {name}")


def trace(libc, request, tid):
    if libc.ptrace(request, tid, None, None) != 0:
        sys.exit(f"freeze.py: ptrace {request:#x}: {os.strerror(ctypes.get_errno())}")


def main(pid, name):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    tid = thread_find(pid, name)
    trace(libc, PTRACE_SEIZE, tid)
    trace(libc, PTRACE_INTERRUPT, tid)
    os.waitpid(tid, WALL)
    print("frozen", flush=True)
    signal.sigwait({signal.SIGTERM})
    trace(libc, PTRACE_DETACH, tid)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(int(sys.argv[1]), sys.argv[2])
