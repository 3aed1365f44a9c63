#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs a command that cannot touch the machine's clock and does not notice.

usage: no_clock.py COMMAND [ARGUMENT...]

The calls that set or steer a clock do nothing and report success, for the command and all it starts;
a filter in the kernel sees to that. Some clients refuse to measure where they may not steer.
"""
import os
import sys

import seccomp


def main(command):
    rules = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    for call in ("adjtimex", "clock_adjtime", "clock_settime", "settimeofday"):
        rules.add_rule(seccomp.ERRNO(0), call)
    rules.load()
    os.execvp(command[0], command)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
