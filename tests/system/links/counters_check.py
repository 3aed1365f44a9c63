#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""counters_check.py VERDICTS FAMILY BEFORE AFTER LOAD: the server's counters moved by exactly what was sent.

VERDICTS is the table of junk kinds, FAMILY 4 or 6; BEFORE and AFTER are `ntpwirectl stats --json`,
LOAD is what ntpwire-load printed.
"""
import collections
import json
import sys


def table_read(path, family):
    column = {"4": 1, "6": 2}[family]
    with open(path, encoding="ascii") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    return {row[0]: row[column] for row in rows}


def json_read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def verdicts_wanted(verdict_of, load):
    # What the link did not take the server counts apart, and the generator as lost.
    wanted = collections.Counter(answered=load["answered"], tx_full=load["lost"])
    for kind, count in load["sent_junk"].items():
        verdict = verdict_of.get(kind, "-")
        if verdict == "-":
            sys.exit(f"junk kind {kind} has no counter in the table")
        wanted[verdict] += count
    return wanted


def verdicts_counted(before, after):
    counted = collections.Counter(answered=after["total"]["answered"] - before["total"]["answered"])
    for verdict, count in after["total"]["verdicts"].items():
        if not verdict.startswith("answer_"):
            counted[verdict] = count - before["total"]["verdicts"][verdict]
    return counted


def main(verdicts, family, before, after, load):
    load = json_read(load)
    wanted = verdicts_wanted(table_read(verdicts, family), load)
    counted = verdicts_counted(json_read(before), json_read(after))
    if len(load["sent_junk"]) < 20 or min(load["sent_junk"].values()) == 0:
        sys.exit("not every kind of junk was sent")
    wrong = [
        f"{name}: sent {wanted[name]}, counted {counted[name]}"
        for name in sorted(wanted | counted)
        if wanted[name] != counted[name]
    ]
    if wrong:
        sys.exit("; ".join(wrong))


main(*sys.argv[1:])
