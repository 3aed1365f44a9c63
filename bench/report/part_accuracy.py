# SPDX-License-Identifier: BSD-3-Clause
"""Part accuracy: what a stock chronyd client sees of ntpwired and of chronyd, on one veth pair, in turn.

Both servers hand out this machine's clock and the client has it too, so the true offset is 0. The client never steers: not
the machine's clock (-x), nor, which it would by what it measures, the one it keeps of its own then (noselect). It asks 64
times a second, in basic and in interleaved mode (xleave) in turn; its log of measurements is the result. chronyd serves twice: on the bare pair, where the kernel stamps a packet within the client's own send call, and
on the pair as it is when ntpwired runs, with an XDP filter at the server's end: packets are received in a context of their
own there, as on a card, and are copied once before anything can stamp them.
"""
import itertools
import statistics
import time

import contract
import servers
from steps import Failure, process_end, process_start, words_of
from veth import SERVER, Veth

NAME = "accuracy"
SKIP = 16  # measurements of the client's start
GATE = 1.25  # rounds whose median delay is more than so many times the least were disturbed
LEAST_ROUNDS = 5  # fewer make no headline
START_SECONDS = 1.2
FILTERED = "chronyd, filter"
MODES = {"basic": "", "interleaved": "xleave"}  # what each is in a chronyd client's configuration


def log_read(path):
    """(offset, delay) in ns of every measurement that passed the client's own tests."""
    rows = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    rows = [r for r in rows if len(r) >= 19 and r[0][:1].isdigit()]
    return [(float(r[11]) * 1e9, float(r[12]) * 1e9) for r in rows][SKIP:]


def reply_quartiles(rounds):
    """From T3 to the client's stamp of the reply: both are of one clock, so it is half the delay less the offset."""
    return [round(q) for q in statistics.quantiles((d / 2 - o for r in rounds for o, d in r), n=4)]


class Part:
    """rounds: a list of {(server, mode): [(offset, delay), ...]}."""

    def __init__(self, context):
        self.context = context
        self.chronyd = servers.Chronyd(context.lab, context.out)
        self.servers = {"chronyd": self.chronyd, "ntpwired": servers.Ntpwired(context.lab, context.out, interleaved=1),
                        FILTERED: self.chronyd}
        self.modes = ["basic"] if context.quick else list(MODES)
        self.rounds = []

    @staticmethod
    def shape(quick):
        return (1, 3.0) if quick else (12, 3.0)

    @classmethod
    def seconds(cls, quick):
        rounds, seconds = cls.shape(quick)
        return rounds * 3 * (1 if quick else len(MODES)) * (seconds + START_SECONDS)

    def run(self):
        why = self.chronyd.why_not()
        if why:
            raise Failure(why)
        rounds, seconds = self.shape(self.context.quick)
        with Veth(self.context.lab) as veth:
            for number in range(1, rounds + 1):
                self.rounds.append({})
                for mode, name in itertools.product(self.modes, self.servers):
                    veth.filter_put(name == FILTERED)
                    with self.servers[name].running(veth):
                        self.rounds[-1][name, mode] = self.ask(veth, seconds, mode)
                self.say(number, rounds)

    def ask(self, veth, seconds, mode):
        """A client's measurements of the server that runs now."""
        folder = self.context.lab.path_new("client")
        folder.mkdir()
        conf = folder / "chrony.conf"
        conf.write_text(f"server {SERVER} minpoll -6 maxpoll -6 iburst noselect {MODES[mode]}\ncmdport 0\nbindcmdaddress /\nport 0\n"
                        f"pidfile {folder}/pid\ndriftfile {folder}/drift\nlogdir {folder}\nlog rawmeasurements\n")
        log = folder / "client.log"
        client = process_start(veth.in_client(self.chronyd.program(), "-x", "-d", "-u", "root", "-f", conf), log)
        try:
            time.sleep(seconds)
        finally:
            process_end(client)
        seen = log_read(folder / "measurements.log")
        if not seen:
            raise Failure(f"the client measured nothing in {seconds:.0f} s: {words_of(log)}")
        return seen

    def say(self, number, rounds):
        seen = ", ".join(f"{name} {mode} {statistics.median(o for o, _ in m):.0f} ns"
                         for (name, mode), m in self.rounds[-1].items())
        self.context.progress.say(f"round {number} of {rounds}: median offset {seen}", number / rounds)

    def results(self):
        return [self.result(name, mode) for mode, name in itertools.product(self.modes, self.servers)
                if any((name, mode) in r for r in self.rounds)]

    def kept(self, key):
        """The rounds of a server and mode, and those of them in which replies took no longer than usual."""
        rounds = [r[key] for r in self.rounds if key in r]
        delays = [statistics.median(d for _, d in r) for r in rounds]
        return rounds, [r for r, delay in zip(rounds, delays) if delay <= GATE * min(delays)]

    def beside(self, name, mode):
        """ntpwired's spread to this server's in the same round, over all rounds: those who share a round share its noise."""
        both = [(r["ntpwired", mode], r[name, mode]) for r in self.rounds if {("ntpwired", mode), (name, mode)} <= r.keys()]
        ratios = [statistics.pstdev(o for o, _ in ours) / statistics.pstdev(o for o, _ in theirs) for ours, theirs in both]
        if name == "ntpwired" or not ratios:
            return None
        return {"median": round(statistics.median(ratios), 3), "min": round(min(ratios), 3), "max": round(max(ratios), 3),
                "rounds": len(ratios)}

    def result(self, name, mode):
        every, rounds = self.kept((name, mode))
        offsets = [o for r in rounds for o, _ in r]
        medians = [statistics.median(o for o, _ in r) for r in rounds]
        return contract.result(NAME, f"chronyd's view of {name}, {mode} mode", {
            "server": name, "client_mode": mode, "mode": "ntp4", "transport": "veth, chronyd client", "frame_bytes": 90, "cookies": 0,
            "clients": "1", "workers": 1, "runs": len(every), "kept": len(rounds), "noise_gate": GATE,
            "measurements": len(offsets),
            "offset_ns": {"median": round(statistics.median(offsets)),
                          "median_abs": round(statistics.median(abs(o) for o in offsets)),
                          "sd": round(statistics.median(statistics.pstdev(o for o, _ in r) for r in rounds)),
                          "round_min": round(min(medians)), "round_max": round(max(medians))},
            "ntpwired_sd_to_it": self.beside(name, mode),
            "reply_ns": reply_quartiles(rounds),
            "delay_ns": {"median": round(statistics.median(d for r in rounds for _, d in r))},
            "headline": len(rounds) >= LEAST_ROUNDS,
            "samples": [[round(o), round(d)] for r in rounds for o, d in r][:: max(1, len(offsets) // 1000)],
        }, {"mrr_pps": "accuracy is measured at 64 requests a second", "lost": "the client does not tell lost replies",
            "dup": "the client does not tell them", "reorder": "the client does not tell them",
            "verified_replies": "replies are verified in the other parts",
            "invalid_replies": "replies are verified in the other parts",
            "cov_pct": "the mean is near 0: offset_ns has the spread", "tsc_hz": "nothing here is counted in cycles"})

    @staticmethod
    def headline(mode, results):
        by_name = {r["server"]: r for r in results}
        if set(by_name) != {"ntpwired", "chronyd", FILTERED}:
            return []
        spread = [f"{r['median']:.2f} of {where} ({r['min']:.2f} to {r['max']:.2f})"
                  for r, where in ((by_name[FILTERED]["ntpwired_sd_to_it"], "chronyd's on the pair as ntpwired has it, with its filter"),
                                   (by_name["chronyd"]["ntpwired_sd_to_it"], "chronyd's on the bare pair"))]
        lines = [f"{mode} mode: the standard deviation of ntpwired's offsets is {' and '.join(spread)}; medians of "
                 f"{by_name['chronyd']['ntpwired_sd_to_it']['rounds']} rounds"]
        worst = min(results, key=lambda r: r["kept"])
        if not worst["headline"]:
            return [*lines, f"no headline for offsets in {mode} mode: delays were steady in {worst['kept']} of {worst['runs']} "
                            f"rounds, and it takes {LEAST_ROUNDS}"]
        seen = {name: f"{r['offset_ns']['median'] / 1e3:+.1f} us (standard deviation {r['offset_ns']['sd'] / 1e3:.1f} us)"
                for name, r in by_name.items()}
        return [*lines, f"a stock chronyd client in {mode} mode sees ntpwired at {seen['ntpwired']}, chronyd at {seen['chronyd']}, "
                        f"and chronyd on the pair as ntpwired has it, with its filter, at {seen[FILTERED]}"]

    @staticmethod
    def headlines(results):
        return [line for mode in MODES
                for line in Part.headline(mode, [r for r in results if r["client_mode"] == mode])]
