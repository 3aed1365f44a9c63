#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turns the JUnit file of a meson test run into lines: ok, not ok, skipped, one for each test case.

cmocka tells of a skipped test as "not ok N # SKIP", which meson takes for a failure: it is found in the test's words.
"""
import re
import sys
import xml.etree.ElementTree as tree


def skipped_numbers(suite):
    """Numbers of the cases that cmocka says were skipped."""
    words = suite.findtext("system-out") or ""
    return set(re.findall(r"^not ok (\d+) # SKIP", words, re.M))


def line(case, suite, skipped):
    name = f"{suite}: {case.get('name')}"
    if case.find("skipped") is not None or case.get("name", "").split(" ")[0] in skipped:
        return f"skipped {name} - the test says so"
    for kind in ("failure", "error"):
        found = case.find(kind)
        if found is not None:
            return f"not ok {name} - {(found.get('message') or found.text or kind).strip()}"
    return f"ok {name}"


def main(path):
    for suite in tree.parse(path).getroot().iter("testsuite"):
        skipped = skipped_numbers(suite)
        for case in suite.iter("testcase"):
            print(" ".join(line(case, suite.get("name", ""), skipped).split()))


main(sys.argv[1])
