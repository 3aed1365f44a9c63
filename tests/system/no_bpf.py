#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs a command that may not call bpf(), as containers often may not.

usage: no_bpf.py COMMAND...
"""
import errno
import os
import sys

import seccomp

refusing = seccomp.SyscallFilter(seccomp.ALLOW)
refusing.add_rule(seccomp.ERRNO(errno.EPERM), "bpf")
refusing.load()
os.execvp(sys.argv[1], sys.argv[1:])
