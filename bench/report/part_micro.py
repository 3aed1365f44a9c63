# SPDX-License-Identifier: BSD-3-Clause
"""Part micro: the core's functions alone, by bench/micro/report."""
import json

import contract
import links
from steps import process_output

NAME = "micro"
STEADY = 1.25  # median over least: more, and the machine was not quiet
MODES = {"answer/ip4": ("ntp4", 90), "answer/ip6": ("ntp6", 110), "answer/vlan": ("ntp4", 94)}


class Part:
    """One call: there is nothing to show of half of it."""

    def __init__(self, context):
        self.context = context
        self.report = None

    @staticmethod
    def seconds(quick):
        return 12 if quick else 30

    def run(self):
        out = self.context.lab.path_new("micro.json")
        self.context.progress.say("cycles by Google Benchmark, instructions by callgrind")
        seconds = "0.02" if self.context.quick else "0.3"
        process_output([links.ROOT / "bench/micro/report", self.context.lab.build, "--json", out, "--seconds", seconds],
                       600)
        self.report = json.loads(out.read_text())

    def results(self):
        if not self.report:
            return []
        return [contract.result(NAME, row["case"], self.fields(row), {
            "cov_pct": "the least of all runs is what the code costs; their spread is the machine's",
            "mrr_pps": "nothing but the core's functions ran: no port, no buffers",
        }) for row in self.report["cases"]]

    def fields(self, row):
        mode, size = MODES.get(row["case"], (None, None))
        return {
            "mode": mode,
            "frame_bytes": size,
            "tsc_hz": self.report["counter_hz"],
            "cyc_per_pkt_tsc": round(row["cycles_min"], 1),
            "cyc_per_pkt_median": round(row["cycles_median"], 1),
            "ns_per_pkt": round(row["ns"], 1),
            "instr_per_pkt": round(row["instructions"]),
        }

    def headlines(self, results):
        said = []
        for r in results:
            if r["case"] != "answer/ip4":
                continue
            said.append(f"{r['instr_per_pkt']} instructions a packet, IPv4, without input and output")
            if self.context.quick:
                said.append("no headline for cycles: --quick measures them for too short a time")
            elif r["cyc_per_pkt_median"] > STEADY * r["cyc_per_pkt_tsc"]:
                said.append(f"no headline for cycles: the median run took {r['cyc_per_pkt_median']:.0f} and the least "
                            f"{r['cyc_per_pkt_tsc']:.0f}, so something else ran")
            else:
                said.append(f"{r['cyc_per_pkt_tsc']:.0f} counter cycles a packet, IPv4, without input and output")
        return said
