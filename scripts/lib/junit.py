#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turns the JUnit file of a meson test run into lines: ok, not ok, skipped, one for each test case."""
import sys
import xml.etree.ElementTree as tree


def line(case, suite):
    name = f"{suite}: {case.get('name')}"
    for kind in ("failure", "error"):
        found = case.find(kind)
        if found is not None:
            return f"not ok {name} - {(found.get('message') or found.text or kind).strip()}"
    if case.find("skipped") is not None:
        return f"skipped {name} - the test says so"
    return f"ok {name}"


def main(path):
    for suite in tree.parse(path).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            print(" ".join(line(case, suite.get("name", "")).split()))


main(sys.argv[1])
