# SPDX-License-Identifier: BSD-3-Clause
"""Part peers: ntpwired on AF_XDP, chronyd, ntpsec, ntpd-rs and OpenNTPD on one veth pair, each alone, in turn.

All are asked by the same generator through AF_XDP at the other end, as fast as it takes requests; a round counts where
chronyd did the same before and after it, and the others stand in a third of the rounds. Then ntpwired and chronyd, in turn:
the highest rate of which no more than 0.5 % is lost.
"""
import contextlib
import statistics

import contract
import links
import servers
from pairs import GATE, LEAST_PAIRS, pairs_gate, ratio, ratios_sum_up, verified_sum_up
from steps import Failure
from veth import Veth

NAME = "peers"
LADDER_SECONDS = 0.5
LADDER = ["20k", "50k", "100k", "200k", "400k"]
START_SECONDS = 1.9  # of a server and the generator
LITTLE = 5  # percent lost: the server might have answered more than was offered
PAIR = ("ntpwired", "chronyd")
LOSS = 0.5  # percent, of a rate that is carried
STEPS = [round(20e3 * 1.2 ** n) for n in range(21)]  # to 767k


class Part:
    """rounds: a list of {server: the generator's words}; ladder: {server: words at each rate}."""

    def __init__(self, context):
        self.context = context
        self.servers = [server(context.lab, context.out) for server in servers.ALL]
        self.why = {s.name: s.why_not() for s in self.servers if s.why_not()}
        self.servers = [s for s in self.servers if s.name not in self.why]
        self.rounds, self.ladder, self.failures = [], {}, []
        self.carried = []  # of each round: {server: the highest rate that was carried}

    @staticmethod
    def shape(quick):
        """Rounds, seconds of a run, rates of the ladder, rounds of searches."""
        return (1, 0.5, [], 0) if quick else (14, 0.6, LADDER, 7)

    @classmethod
    def seconds(cls, quick):
        rounds, seconds, ladder, searches = cls.shape(quick)
        runs = rounds * 2 + (rounds + 2) // 3 * (len(servers.ALL) - 2)
        return runs * (seconds + START_SECONDS) + len(servers.ALL) * len(ladder) * (LADDER_SECONDS + 0.9) + \
            searches * 2 * (START_SECONDS + 7 * (LADDER_SECONDS + 0.9))

    def run(self):
        rounds, seconds, ladder, searches = self.shape(self.context.quick)
        with Veth(self.context.lab) as veth:
            for number in range(1, rounds + 1):
                self.rounds.append({})
                self.round(veth, seconds, number)
                self.say(number, rounds, number / rounds * (0.5 if searches else 1))
            for server in list(self.servers) if ladder else []:
                self.context.progress.say(f"{server.name} at {', '.join(ladder)} requests a second")
                self.climb(veth, server, ladder)
            for number in range(1, searches + 1):
                self.carried.append({})
                for server in [s for s in self.servers if s.name in PAIR]:
                    with self.asked(veth, server) as ask:
                        self.carried[-1][server.name] = self.highest(ask)
                self.say_carried(number, searches)
        if self.failures:
            raise Failure("; ".join(self.failures))

    def round(self, veth, seconds, number):
        for server in list(self.servers):
            if number % 3 == 1 or server.name in PAIR:
                with self.asked(veth, server) as ask:
                    self.rounds[-1][server.name] = ask(seconds, "max")

    def climb(self, veth, server, ladder):
        self.ladder[server.name] = []
        with self.asked(veth, server) as ask:
            for rate in ladder:
                # At the lowest rate nothing waits long, and timestamps say most.
                more = links.same_clock(self.context.lab) if rate == LADDER[0] else []
                self.ladder[server.name].append(ask(LADDER_SECONDS, rate, *more))

    @staticmethod
    def is_carried(ask, rate):
        """Of two tries one is enough: a machine that was away for a moment says nothing of the server."""
        return any(ask(LADDER_SECONDS, rate)["lost_percent"] <= LOSS for _ in range(2))

    def highest(self, ask):
        """The highest of STEPS that is carried, by halving; 0: not even the lowest."""
        low, high = -1, len(STEPS)
        while high - low > 1:
            middle = (low + high) // 2
            if self.is_carried(ask, STEPS[middle]):
                low = middle
            else:
                high = middle
        return STEPS[low] if low >= 0 else 0

    def say_carried(self, number, searches):
        seen = ", ".join(f"{name} {rate / 1e3:.0f} k/s" for name, rate in self.carried[-1].items())
        self.context.progress.say(f"search {number} of {searches}: no more than {LOSS} % lost up to {seen}",
                                  0.6 + 0.4 * number / searches)

    def carried_sum_up(self, name):
        """The median, and how it stands beside chronyd's in the same rounds."""
        rates = [r[name] for r in self.carried if name in r]
        if not rates:
            return {}
        ratios = [r[name] / r["chronyd"] for r in self.carried if name in r and r.get("chronyd")]
        return {"pdr05_pps": statistics.median(rates), "pdr05_runs": len(rates),
                "pdr05_to_chronyd": ratios_sum_up(ratios) if ratios else None}

    @contextlib.contextmanager
    def asked(self, veth, server):
        """It runs, and a generator asks it. One server's failure is not the others': it has no more turns, and the part fails
        at its end."""
        try:
            with server.running(veth), veth.generator() as ask:
                yield ask
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

    def beside(self, name):
        """Rounds between two runs of chronyd that are like one another."""
        both = [(a, b) for a, b in zip(self.rounds, self.rounds[1:]) if "chronyd" in a and "chronyd" in b and name in b]
        return pairs_gate([{"reference": a["chronyd"], "ntpwired": b[name], "after": b["chronyd"]} for a, b in both])

    def result(self, name):
        runs = [r[name] for r in self.rounds if name in r]
        ratios = [ratio(p) for p in self.beside(name)]
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
            "ratio_max": spread.get("ratio_max"), "ladder": steps, **self.carried_sum_up(name),
        }, {"cov_pct": "no round between two like runs of chronyd"})

    @staticmethod
    def headlines(results):
        said = []
        for r in results:
            beside = r.get("pdr05_to_chronyd")
            if r["case"] == "ntpwired" and beside and r["pdr05_runs"] >= LEAST_PAIRS:
                said.append(f"{beside['ratio_to_ref']:.1f} times chronyd on the same veth pair where no more than {LOSS} % may be "
                            f"lost (median of {r['pdr05_runs']} searches, {beside['ratio_min']:.1f} to {beside['ratio_max']:.1f}): "
                            f"{r['pdr05_pps'] / 1e3:.0f} thousand requests a second")
            if r["case"] == "ntpwired" and r["mrr_pps"]:
                if r["headline"]:
                    least = "at least " if r["generator_limited_runs"] else ""
                    said.append(f"{least}{r['ratio_to_chronyd']:.1f} times chronyd there under overload (median of {r['kept']} "
                                f"rounds, {r['ratio_min']:.1f} to {r['ratio_max']:.1f}): {r['mrr_pps'] / 1e3:.0f} thousand "
                                "answers a second")
                else:
                    said.append(f"no headline beside chronyd: it was steady in {r['kept']} of {r['runs']} rounds, and it takes "
                                f"{LEAST_PAIRS}")
        return said
