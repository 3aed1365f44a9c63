# SPDX-License-Identifier: BSD-3-Clause
"""Part search: the highest rates without loss and with 0.5 %, and latency below them, over shared memory.

By ntpwire-load search (in the terms of RFC 9971) and ntpwire-load latency against one worker.
"""
import contract
import links
from steps import Failure

NAME = "search"
LINKS = ["memif", "vhost"]
FLOOD = 0.8  # of the NDR, in requests; as much again in junk
IDLE = 1000  # requests a second that count as no load
NO_ZERO = "no latency was measured without load"


class Part:
    """words[kind][what]: what ntpwire-load printed; why[kind][what]: why it did not."""

    def __init__(self, context):
        self.context = context
        self.words, self.why, self.failures = {}, {}, []

    @staticmethod
    def shape(quick):
        """Which links; and for each thing to be measured the command and what it is told."""
        trial, width, point, span = (0.2, 5, 0.5, 0.5) if quick else (0.6, 2, 3, 3)
        return LINKS[:1] if quick else LINKS, {
            "search": ["search", "--seconds", trial, "--width", width],
            "latency": ["latency", "--seconds", point],
            "idle": ["rate", "--rate", IDLE, "--seconds", span],
            "flood": ["rate", "--junk", 50, "--seconds", span],
        }

    @classmethod
    def seconds(cls, quick):
        return 15 if quick else 80

    def run(self):
        kinds, measures = self.shape(self.context.quick)
        there = links.generator_words(self.context.lab)
        for done, kind in enumerate(kinds):
            self.words[kind], self.why[kind] = {}, {}
            soak = self.context.soak if kind == LINKS[0] else 0
            asked = {**measures, **({"soak": ["soak", "--seconds", soak, "--interval", "1"]} if soak else {})}
            for what, how in asked.items():
                why = self.why_not(there, kind, what, how[0])
                if why:
                    self.why[kind][what] = f"not measured: {why}"
                else:
                    self.context.progress.say(f"{what} over {kind}", done / len(kinds))
                    self.ask(kind, what, [*how, *self.known(kind, what)])
        if self.failures:
            raise Failure("; ".join(self.failures))

    def why_not(self, there, kind, what, command):
        if command not in there:
            return f"this ntpwire-load has no command {command}"
        if what in ("latency", "flood", "soak") and not self.words[kind].get("search", {}).get("ndr_pps"):
            return "no rate without loss was found, and this is measured at shares of it"
        return None

    def known(self, kind, what):
        """What other runs have found and this one need not search for."""
        if what == "latency":
            return ["--ndr", round(self.words[kind]["search"]["ndr_pps"])]
        if what == "flood":
            return ["--rate", round(2 * FLOOD * self.words[kind]["search"]["ndr_pps"])]
        if what == "soak":
            return ["--rate", round(FLOOD * self.words[kind]["search"]["ndr_pps"])]
        if what == "idle":
            return links.same_clock(self.context.lab)
        reflector = self.context.reflector.get(kind)
        return ["--reflector", round(reflector)] if reflector and what == "search" else []

    def ask(self, kind, what, how):
        lab = self.context.lab
        try:
            self.words[kind][what] = links.ask(lab, kind, links.Ntpwired(lab), links.Question(), how,
                                               240 + self.context.soak, links.LONG_RING)
        except Failure as failure:
            self.why[kind][what] = f"not measured: {failure}"
            self.failures.append(f"{what} over {kind}: {failure}")

    def results(self):
        return [self.result(kind) for kind in self.words]

    def result(self, kind):
        question = links.Question()
        search, latency = (self.words[kind].get(command) or {} for command in ("search", "latency"))
        why = {command: self.why[kind].get(command, "the part ended before its turn") for command in ("search", "latency")}
        trials = search.get("trials", [])
        points = latency.get("points", [])
        if "idle" in self.words[kind]:
            points = [{"percent": 0, **self.words[kind]["idle"]}, *points]
        whole = contract.result(NAME, f"{kind}, {question.text}", {
            "mode": "ntp4", "transport": kind, "frame_bytes": question.frame_bytes, "cookies": 0,
            "clients": question.clients, "workers": 1,
            **{field: search.get(field) for field in ("ndr_pps", "pdr05_pps", "mrr_pps", "ndr_is_confirmed",
                                                      "pdr05_is_confirmed", "calibration", "limit")},
            "lat_ns": contract.latency(points) if points else None,
            "residency_ns": {str(round(p["percent"])): p.get("residency_ns") for p in points},
            **self.soak(self.words[kind].get("soak")), "flood": self.flood(self.words[kind].get("flood")), "trials": trials, "runs": len(trials) or None, "core_hz_est": self.context.core,
            **self.sums(trials, points), **contract.stamps(self.words[kind].get("idle")),
        }, {**dict.fromkeys(("ndr_pps", "pdr05_pps", "mrr_pps", "runs", "verified_replies", "invalid_replies", "lost"),
                            why["search"]),
            "lat_ns": why["latency"], "cov_pct": "a search is not repeated", "dup": "a search does not tell them apart",
            "reorder": "a search does not tell them apart", "tsc_hz": "nothing here is counted in cycles"})
        for load in contract.LOADS:
            if points and not whole["lat_ns"][load]:
                whole["not_measured"][f"lat_ns.{load}"] = NO_ZERO if load == "0" else why["latency"]
        return whole

    @staticmethod
    def soak(words):
        if not words:
            return {}
        worst = max((i["lost"] for i in words["intervals"]), default=0)
        return {"soak_s": round(words["seconds"]), "soak": {
            "rate_pps": round(words["offered_pps"]), "requests": words["requests"], "lost": words["lost"],
            "seconds_with_loss": sum(i["lost"] > 0 for i in words["intervals"]), "most_in_a_second": worst}}

    @staticmethod
    def flood(words):
        """What became of valid requests among as much junk."""
        return words and {"requests": words["requests"], "junk": words["junk"], "lost": words["lost"],
                          "lost_percent": round(words["lost_percent"], 4), "offered_pps": round(words["offered_pps"])}

    @staticmethod
    def sums(trials, points):
        if not trials:
            return {}
        return {"verified_replies": round(sum(t["answered_pps"] * t["seconds"] for t in trials)),
                "invalid_replies": sum(t["invalid"] for t in trials),
                "lost": sum(t["lost"] for t in trials) + sum(p["lost"] for p in points)}

    @staticmethod
    def headlines(results):
        """None: a rate without loss that was found once is no median."""
        del results
        return []
