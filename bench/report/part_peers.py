# SPDX-License-Identifier: BSD-3-Clause
"""Part peers: ntpwired on AF_XDP, chronyd, ntpsec, ntpd-rs and OpenNTPD on one veth pair, each alone, in turn.

All are asked by the same generator through AF_XDP at the other end, as fast as it takes requests. The
noise gate's reference is chronyd; the others stand in half of the rounds.
"""
import contextlib
import statistics

import contract
import links
import servers
from pairs import GATE, LEAST_PAIRS, ratios_sum_up, verified_sum_up
from steps import Failure
from veth import Veth

NAME = "peers"
LADDER_SECONDS = 0.5
LADDER = ["20k", "50k", "100k", "200k", "400k"]
START_SECONDS = 1.9  # of a server and the generator
LITTLE = 5  # percent lost: the server might have answered more than was offered
PAIR = ("ntpwired", "chronyd")


class Part:
    """rounds: a list of {server: the generator's words}; ladder: {server: words at each rate}."""

    def __init__(self, context):
        self.context = context
        self.servers = [server(context.lab, context.out) for server in servers.ALL]
        self.why = {s.name: s.why_not() for s in self.servers if s.why_not()}
        self.servers = [s for s in self.servers if s.name not in self.why]
        self.rounds, self.ladder, self.failures = [], {}, []

    @staticmethod
    def shape(quick):
        """Rounds, seconds of a run, rates of the ladder."""
        return (1, 0.5, []) if quick else (10, 0.8, LADDER)

    @classmethod
    def seconds(cls, quick):
        rounds, seconds, ladder = cls.shape(quick)
        runs = rounds * 2 + (rounds + 1) // 2 * (len(servers.ALL) - 2)
        return runs * (seconds + START_SECONDS) + len(servers.ALL) * len(ladder) * (LADDER_SECONDS + 0.9)

    def run(self):
        rounds, seconds, ladder = self.shape(self.context.quick)
        with Veth(self.context.lab) as veth:
            for number in range(1, rounds + 1):
                self.rounds.append({})
                self.round(veth, seconds, number)
                self.say(number, rounds, number / rounds * (0.7 if ladder else 1))
            for server in list(self.servers) if ladder else []:
                self.context.progress.say(f"{server.name} at {', '.join(ladder)} requests a second")
                self.climb(veth, server, ladder)
        if self.failures:
            raise Failure("; ".join(self.failures))

    def round(self, veth, seconds, number):
        for server in list(self.servers):
            if number % 2 or server.name in PAIR:
                with self.watched(server), server.running(veth):
                    self.rounds[-1][server.name] = veth.generate(seconds)

    def climb(self, veth, server, ladder):
        self.ladder[server.name] = []
        with self.watched(server), server.running(veth):
            for rate in ladder:
                # At the lowest rate nothing waits long, and timestamps say most.
                more = links.same_clock(self.context.lab) if rate == LADDER[0] else []
                self.ladder[server.name].append(veth.generate(LADDER_SECONDS, rate, *more))

    @contextlib.contextmanager
    def watched(self, server):
        """One server's failure is not the others': it has no more turns, and the part fails at its end."""
        try:
            yield
        except Failure as failure:
            self.failures.append(f"{server.name}: {failure}")
            self.context.progress.say(self.failures[-1])
            self.servers = [s for s in self.servers if s != server]

    def say(self, number, rounds, done):
        seen = ", ".join(f"{name} {words['answered_pps'] / 1e3:.0f} k/s" for name, words in self.rounds[-1].items())
        self.context.progress.say(f"round {number} of {rounds}: {seen}", done)

    def results(self):
        names = [server.name for server in servers.ALL]
        for name in names:
            if not any(name in r for r in self.rounds):
                self.why.setdefault(name, "the part ended before its turn, or it failed")
        absent = [contract.result(NAME, name, {"server": name, "mode": "ntp4"}, dict.fromkeys(contract.FIELDS, why))
                  for name, why in self.why.items()]
        return [self.result(name) for name in names if name not in self.why] + absent

    def kept(self):
        """Rounds in which chronyd was not disturbed."""
        rounds = [r for r in self.rounds if "chronyd" in r]
        best = max((r["chronyd"]["answered_pps"] for r in rounds), default=0)
        return [r for r in rounds if r["chronyd"]["answered_pps"] >= GATE * best]

    def result(self, name):
        runs = [r[name] for r in self.rounds if name in r]
        ratios = [r[name]["answered_pps"] / r["chronyd"]["answered_pps"] for r in self.kept() if name in r]
        spread = ratios_sum_up(ratios) if ratios else {}
        steps = [{"offered_pps": round(w["offered_pps"]), "answered_pps": round(w["answered_pps"]),
                  "lost_percent": round(w["lost_percent"], 3)} for w in self.ladder.get(name, [])]
        return contract.result(NAME, name, {
            "server": name, "mode": "ntp4", "transport": "veth, AF_XDP generator", "frame_bytes": 90, "cookies": 0,
            "clients": "1000", "workers": 1, "tsc_hz": runs[0]["tsc_hz"],
            "mrr_pps": round(statistics.median(w["answered_pps"] for w in runs)),
            "offered_pps": round(statistics.median(w["offered_pps"] for w in runs)),
            "lost_percent": round(statistics.median(w["lost_percent"] for w in runs), 2),
            "best_pps": max([round(statistics.median(w["answered_pps"] for w in runs))] + [s["answered_pps"] for s in steps]),
            "cyc_per_pkt_tsc": round(statistics.median(w["tsc_hz"] / w["answered_pps"] for w in runs), 1),
            "generator_limited_runs": sum(w["lost_percent"] < LITTLE for w in runs),
            "residency_p50_ns": round(statistics.median(w["residency_ns"]["p50"] for w in runs)),
            **contract.stamps((self.ladder.get(name) or [None])[0]), **verified_sum_up(runs), "runs": len(runs), "kept": len(ratios), "noise_gate": GATE,
            "headline": len(ratios) >= LEAST_PAIRS, "cov_pct": spread.get("cov_pct"),
            "ratio_to_chronyd": spread.get("ratio_to_ref"), "ratio_min": spread.get("ratio_min"),
            "ratio_max": spread.get("ratio_max"), "ladder": steps,
        }, {"cov_pct": "no round beside an undisturbed chronyd"})

    @staticmethod
    def headlines(results):
        for r in results:
            if r["case"] == "ntpwired" and r["mrr_pps"]:
                if r["headline"]:
                    least = "at least " if r["generator_limited_runs"] else ""
                    return [f"{least}{r['ratio_to_chronyd']:.1f} times chronyd on the same veth pair (median of {r['kept']} rounds, "
                            f"{r['ratio_min']:.1f} to {r['ratio_max']:.1f}), through AF_XDP: {r['mrr_pps'] / 1e3:.0f} "
                            "thousand answers a second"]
                return [f"no headline beside chronyd: it was steady in {r['kept']} of {r['runs']} rounds, and it takes "
                        f"{LEAST_PAIRS}"]
        return []
