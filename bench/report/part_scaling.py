# SPDX-License-Identifier: BSD-3-Clause
"""Part scaling: two workers against one, and one while the time is published; no generator.

Pairs in which a worker had less of its core than CORE_OURS say what else ran, and are dropped.
"""
import json
import statistics

import contract
from pairs import CORE_OURS, LEAST_PAIRS, ratios_sum_up
from steps import Failure, process_await, process_end, process_start, words_of

NAME = "scaling"


PUBLISH_HZ = 100  # as the server does
# What is compared with what in a pair of runs.
ONE = ("1 worker", 1, lambda p: [p["one"]], lambda p: p["one"])
TWO = ("2 workers", 2, lambda p: p["two"], lambda p: p["one"])
PUBLISHED = (f"1 worker, the time published {PUBLISH_HZ} times a second", 1, lambda p: [p["published"]], lambda p: p["still"])


class Part:
    """Two calls of bench/scaling: one worker and two; one while the time is published, and while it is not."""

    def __init__(self, context):
        self.context = context
        self.reports = []

    @staticmethod
    def shape(quick):
        """(pairs, seconds of a run) of either call."""
        return ((2, 0.4), (2, 0.1)) if quick else ((12, 0.7), (60, 0.12))

    @classmethod
    def seconds(cls, quick):
        return 2 + sum(2 * pairs * seconds for pairs, seconds in cls.shape(quick))

    def run(self):
        workers, publishing = self.shape(self.context.quick)
        self.ask("one worker and two, each fed by itself", *workers)
        self.context.core = self.reports[0]["core_hz_est"]
        self.ask("one worker, the time published and not", *publishing, "--publish", PUBLISH_HZ)

    def ask(self, what, pairs, seconds, *more):
        lab = self.context.lab
        self.context.progress.say(f"{pairs} pairs of {what}")
        out, log = lab.path_new("scaling.json"), lab.path_new("scaling.log")
        process = process_start([lab.build / "bench/scaling/scaling", "--pairs", pairs, "--seconds", seconds, "--cores",
                                 f"{lab.generator_core},{lab.worker_core}", *more], out, log)
        try:
            process_await(process, 60 + 4 * pairs * seconds, "scaling")
        finally:
            process_end(process)  # it prints the pairs it has
            if process.returncode == 0:
                self.reports.append(json.loads(out.read_text()))
        if process.returncode != 0:
            raise Failure(f"scaling ended with {process.returncode}: {words_of(log)}")

    def results(self):
        return [self.result(report, *row) for report, rows in zip(self.reports, ((ONE, TWO), (PUBLISHED,))) for row in rows
                if report["pairs"]]

    @staticmethod
    def result(report, case, workers, side, beside):
        """side: a pair's runs that are told, beside: the one they are compared with. Without a kept pair all stand in, and
        no ratio."""
        pairs = report["pairs"]
        kept = [p for p in pairs if min(w["core_share"] for w in [beside(p), *side(p)]) >= CORE_OURS]
        runs = [side(p) for p in kept or pairs]
        ratios = [sum(w["pps"] for w in side(p)) / beside(p)["pps"] for p in kept]
        spread = ratios_sum_up(ratios) if ratios else {}
        turned = [w for p in pairs for w in side(p)]
        return contract.result(NAME, case, {
            "mode": "ntp4", "transport": "ring in one process", "frame_bytes": report["frame_bytes"], "cookies": 0,
            "clients": str(report["frames"]), "workers": workers, "tsc_hz": report["tsc_hz"],
            "core_hz_est": report["core_hz_est"],
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
        words = {TWO[0]: ("two workers", "two workers do {:.2f} times what one does"),
                 PUBLISHED[0]: ("publishing", f"with the time published {PUBLISH_HZ} times a second a worker does {{:.3f}} of "
                                "what it does without")}
        return [words[r["case"]][1].format(r["ratio_to_one"]) + f" (median of {r['kept']} of {r['runs']} pairs)"
                if r["headline"] else
                f"no headline for {words[r['case']][0]}: workers had their cores to themselves in {r['kept']} of {r['runs']} "
                f"pairs, and it takes {LEAST_PAIRS}" for r in results if r["case"] in words]
