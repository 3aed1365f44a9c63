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
NO_ZERO = "no latency was measured without load"


class Part:
    """words[kind][command]: what ntpwire-load printed; why[kind][command]: why it did not."""

    def __init__(self, context):
        self.context = context
        self.words, self.why, self.failures = {}, {}, []

    @staticmethod
    def shape(quick):
        """Which links, and what each command is told."""
        if quick:
            return LINKS[:1], {"search": ["--seconds", 0.2, "--width", 5], "latency": ["--seconds", 0.5],
                               "rate": ["--seconds", 0.5]}
        return LINKS, {"search": ["--seconds", 1, "--width", 2], "latency": ["--seconds", 3], "rate": ["--seconds", 3]}

    @classmethod
    def seconds(cls, quick):
        return 15 if quick else 80

    def run(self):
        kinds, commands = self.shape(self.context.quick)
        there = links.generator_commands(self.context.lab)
        for done, kind in enumerate(kinds):
            self.words[kind], self.why[kind] = {}, {}
            for command, how in commands.items():
                why = self.why_not(there, kind, command)
                if why:
                    self.why[kind][command] = f"not measured: {why}"
                else:
                    self.context.progress.say(f"ntpwire-load {command} over {kind}", done / len(kinds))
                    self.ask(kind, command, [*how, *self.known(kind, command)])
        if self.failures:
            raise Failure("; ".join(self.failures))

    def why_not(self, there, kind, command):
        if command not in there:
            return f"this ntpwire-load has no command {command}"
        if command != "search" and not self.words[kind].get("search", {}).get("ndr_pps"):
            return "no rate without loss was found, and this is measured at shares of it"
        return None

    def known(self, kind, command):
        """What other runs have found and a command need not search for."""
        if command == "latency":
            return ["--ndr", round(self.words[kind]["search"]["ndr_pps"])]
        if command == "rate":  # a flood: as much junk again as there are requests
            return ["--rate", round(2 * FLOOD * self.words[kind]["search"]["ndr_pps"]), "--junk", 50]
        reflector = self.context.reflector.get(kind)
        return ["--reflector", round(reflector)] if reflector else []

    def ask(self, kind, command, how):
        lab = self.context.lab
        try:
            self.words[kind][command] = links.ask(lab, kind, links.Ntpwired(lab), links.Question(),
                                                  [command, *how], 240)
        except Failure as failure:
            self.why[kind][command] = f"not measured: {failure}"
            self.failures.append(f"{command} over {kind}: {failure}")

    def results(self):
        return [self.result(kind) for kind in self.words]

    def result(self, kind):
        question = links.Question()
        search, latency = (self.words[kind].get(command) or {} for command in ("search", "latency"))
        why = {command: self.why[kind].get(command, "the part ended before its turn") for command in ("search", "latency")}
        trials = search.get("trials", [])
        points = latency.get("points", [])
        whole = contract.result(NAME, f"{kind}, {question.text}", {
            "mode": "ntp4", "transport": kind, "frame_bytes": question.frame_bytes, "cookies": 0,
            "clients": question.clients, "workers": 1,
            **{field: search.get(field) for field in ("ndr_pps", "pdr05_pps", "mrr_pps", "ndr_is_confirmed",
                                                      "pdr05_is_confirmed", "calibration", "limit")},
            "lat_ns": contract.latency(points) if points else None,
            "residency_ns": {str(round(p["percent"])): p.get("residency_ns") for p in points},
            "flood": self.flood(self.words[kind].get("rate")), "trials": trials, "runs": len(trials) or None, "core_hz_est": self.context.core,
            **self.sums(trials, points),
        }, {**dict.fromkeys(("ndr_pps", "pdr05_pps", "mrr_pps", "runs", "verified_replies", "invalid_replies", "lost"),
                            why["search"]),
            "lat_ns": why["latency"], "cov_pct": "a search is not repeated", "dup": "a search does not tell them apart",
            "reorder": "a search does not tell them apart", "tsc_hz": "nothing here is counted in cycles"})
        if points and not whole["lat_ns"]["0"]:
            whole["not_measured"]["lat_ns.0"] = NO_ZERO
        return whole

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
