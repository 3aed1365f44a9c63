# SPDX-License-Identifier: BSD-3-Clause
"""Part scaling: two workers against one, each fed by itself, in turn; no generator.

Pairs in which a worker had less of its core than CORE_OURS say what else ran, and are dropped.
"""
import json
import statistics

import contract
from pairs import CORE_OURS, LEAST_PAIRS, ratios_sum_up
from steps import Failure, process_await, process_end, process_start, words_of

NAME = "scaling"


class Part:
    """One call of bench/scaling."""

    def __init__(self, context):
        self.context = context
        self.report = None

    @staticmethod
    def shape(quick):
        return (2, 0.4) if quick else (12, 0.7)

    @classmethod
    def seconds(cls, quick):
        pairs, seconds = cls.shape(quick)
        return 2 * pairs * seconds + 1

    def run(self):
        pairs, seconds = self.shape(self.context.quick)
        lab = self.context.lab
        self.context.progress.say(f"{pairs} pairs of one worker and two, each fed by itself")
        out, log = lab.path_new("scaling.json"), lab.path_new("scaling.log")
        process = process_start([lab.build / "bench/scaling/scaling", "--pairs", pairs, "--seconds", seconds, "--cores",
                                 f"{lab.generator_core},{lab.worker_core}"], out, log)
        try:
            process_await(process, 60 + 4 * pairs * seconds, "scaling")
        finally:
            process_end(process)  # it prints the pairs it has
            if process.returncode == 0:
                self.report = json.loads(out.read_text())
                self.context.core = self.report["core_hz_est"]
        if process.returncode != 0:
            raise Failure(f"scaling ended with {process.returncode}: {words_of(log)}")

    @staticmethod
    def is_kept(pair):
        return min(w["core_share"] for w in [pair["one"], *pair["two"]]) >= CORE_OURS

    def results(self):
        if not self.report:
            return []
        pairs = self.report["pairs"]
        kept = [p for p in pairs if self.is_kept(p)]
        return [self.result(pairs, kept, 1, lambda p: [p["one"]]), self.result(pairs, kept, 2, lambda p: p["two"])]

    def result(self, pairs, kept, workers, side):
        """side: a pair's runs with so many workers. Without a kept pair all stand in, and no ratio."""
        runs = [side(p) for p in kept or pairs]
        ratios = [sum(w["pps"] for w in side(p)) / p["one"]["pps"] for p in kept]
        spread = ratios_sum_up(ratios) if ratios else {}
        turned = [w for p in pairs for w in side(p)]
        return contract.result(NAME, f"{workers} worker{'s' if workers > 1 else ''}", {
            "mode": "ntp4", "transport": "ring in one process", "frame_bytes": self.report["frame_bytes"], "cookies": 0,
            "clients": str(self.report["frames"]), "workers": workers, "tsc_hz": self.report["tsc_hz"],
            "core_hz_est": self.report["core_hz_est"],
            "mrr_pps": round(statistics.median(sum(w["pps"] for w in r) for r in runs)),
            "cyc_per_pkt_tsc": round(statistics.median(w["cycles"] for r in runs for w in r), 1),
            "verified_replies": sum(w["turned"] for w in turned), "invalid_replies": sum(w["wrong"] for w in turned),
            "lost": 0, "dup": 0, "reorder": 0, "runs": len(pairs), "kept": len(kept), "noise_gate": CORE_OURS,
            "headline": len(kept) >= LEAST_PAIRS, "cov_pct": spread.get("cov_pct"),
            "ratio_to_one": spread.get("ratio_to_ref"), "ratio_min": spread.get("ratio_min"),
            "ratio_max": spread.get("ratio_max"),
        }, {"cov_pct": f"no pair in which every worker had {100 * CORE_OURS:.0f} % of its core"})

    @staticmethod
    def headlines(results):
        found = [r for r in results if r["workers"] == 2]
        return [f"two workers do {r['ratio_to_one']:.2f} times what one does (median of {r['kept']} of {r['runs']} pairs)"
                if r["headline"] else
                f"no headline for two workers: they had their cores to themselves in {r['kept']} of {r['runs']} pairs, and "
                f"it takes {LEAST_PAIRS}" for r in found]
