# SPDX-License-Identifier: BSD-3-Clause
"""What the figures were measured on."""
import datetime
import os
import pathlib
import re
import subprocess

CPU = pathlib.Path("/sys/devices/system/cpu")
ROOT = pathlib.Path(__file__).resolve().parents[2]


def cpu_name():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"model name\s*: (.*)", text)
    return found.group(1) if found else os.uname().machine


def cores():
    """The cores this program may run on."""
    return sorted(os.sched_getaffinity(0))


def siblings_share():
    """Whether two of our cores are threads of one: they then share what executes instructions."""
    groups = {(CPU / f"cpu{core}/topology/thread_siblings_list").read_text().strip() for core in cores()}
    return len(groups) < len(cores())


def revision():
    said = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "describe", "--always", "--dirty"],
                          capture_output=True, text=True, check=False)
    return said.stdout.strip() or None


def debian():
    text = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
    return re.search(r'PRETTY_NAME="(.*)"', text).group(1)


def describe():
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "revision": revision(),
        "cpu": cpu_name(),
        "cores": len(cores()),
        "cores_are_threads_of_one": siblings_share(),
        "kernel": os.uname().release,
        "system": debian(),
    }
