# SPDX-License-Identifier: BSD-3-Clause
"""Part links: one worker over shared memory, in turn with testpmd's 5tswap on the same link.

A round asks every reference and every case once, so that all ratios are of the same minutes.
"""
import statistics

import contract
import links
import pairs
from links import Question

NAME = "links"
LINKS = ["memif", "vhost"]
PLAIN, IP6, TAGGED = Question(), Question(family=6), Question(vlan=100)
CROWDS = [Question(clients="1"), Question(clients="1M"), Question(clients="16M")]
START_SECONDS = 2.0  # of two processes, until the first request leaves


def references(question):
    """Which question the reference is asked beside: crowds stand beside the plain one."""
    return question if question in (PLAIN, IP6, TAGGED) else PLAIN


class Part:
    """rounds[kind]: a list of {("5tswap"|"ntpwired", question): the generator's words}."""

    def __init__(self, context):
        self.context = context
        self.rounds, self.extra, self.spans = {}, {}, None

    @staticmethod
    def shape(quick):
        """Rounds, seconds of the plain runs, which make the headline, and of others; what each link is asked."""
        everything = [PLAIN, *CROWDS, IP6, TAGGED]
        if quick:
            return 1, (0.4, 0.4), {"memif": everything, "vhost": [PLAIN]}
        return 10, (2.0, 0.6), {kind: everything for kind in LINKS}

    @classmethod
    def seconds(cls, quick):
        rounds, (long, short), questions = cls.shape(quick)
        # A question that is its own reference is two runs.
        runs = [q for asked in questions.values() for q in asked for _ in range(1 + (references(q) == q))]
        return rounds * sum(START_SECONDS + (long if q == PLAIN else short) for q in runs) + \
            2 * len(questions) * (long + START_SECONDS)

    def run(self):
        rounds, self.spans, questions = self.shape(self.context.quick)
        for done, (kind, asked) in enumerate(questions.items()):
            self.ceiling(kind)
            self.rounds[kind] = []
            for number in range(1, rounds + 1):
                self.rounds[kind].append({})
                self.round(kind, asked, self.rounds[kind][-1])
                self.context.reflector[kind] = max(r["5tswap", PLAIN]["answered_pps"] for r in self.rounds[kind])
                share = (done + number / rounds) / len(questions)
                self.say(kind, number, rounds, share)
                if number > pairs.LEAST_PAIRS and self.context.progress.is_late(share):
                    self.context.progress.say(f"{kind}: {number} rounds must do, this machine is slow")
                    break

    def ceiling(self, kind):
        lab = self.context.lab
        self.extra[kind] = {"io": [], "alone": None}
        self.context.progress.say(f"{kind}: what the generator and the link carry without a server")
        self.extra[kind]["alone"] = links.generator_alone(lab, PLAIN)
        for _ in range(1 if self.context.quick else 2):
            self.extra[kind]["io"].append(links.measure(lab, kind, links.Testpmd(lab, "io"), PLAIN, self.spans[0]))

    def round(self, kind, asked, runs):
        lab = self.context.lab
        for question in asked:
            seconds = self.spans[0] if question == PLAIN else self.spans[1]
            if references(question) == question:
                reference = links.Testpmd(lab, "5tswap")
                runs["5tswap", question] = links.measure(lab, kind, reference, question, seconds)
            runs["ntpwired", question] = links.measure(lab, kind, links.Ntpwired(lab), question, seconds)

    def say(self, kind, number, rounds, done):
        runs = self.rounds[kind][-1]
        a, b = (runs[name, PLAIN]["answered_pps"] for name in ("5tswap", "ntpwired"))
        self.context.progress.say(f"{kind} round {number} of {rounds}: 5tswap {a / 1e6:.2f} M/s, "
                                  f"ntpwired {b / 1e6:.2f} M/s, ratio {b / a:.3f}", done)

    def results(self):
        found = []
        for kind, rounds in self.rounds.items():
            for question in dict.fromkeys(q for runs in rounds for _, q in runs):
                both = [r for r in rounds if ("ntpwired", question) in r]
                if both:
                    found.append(self.result(kind, question, both))
        return found

    def result(self, kind, question, rounds):
        summary = pairs.pairs_sum_up([{"reference": r["5tswap", references(question)], "ntpwired": r["ntpwired", question]}
                                      for r in rounds])
        measured = {
            "mode": f"ntp{question.family}", "transport": kind, "frame_bytes": question.frame_bytes, "cookies": 0,
            "clients": question.clients, "vlan": question.vlan or None, "workers": 1, **summary,
            "reference_question": references(question).text,
            "ratio_to_plain": self.ratio(rounds, summary, question, PLAIN),
            "io_pps": round(max(r["answered_pps"] for r in self.extra[kind]["io"])),
            "generator_pps": round(self.extra[kind]["alone"]["answered_pps"]),
        }
        if question.clients == "16M":
            measured["ratio_to_one_client"] = self.ratio(rounds, summary, question, CROWDS[0])
        measured["at_the_links_limit"] = pairs.at_the_limit(measured, measured["io_pps"])
        measured["core_hz_est"] = self.context.core
        return contract.result(NAME, f"{kind}, {question.text}", measured)

    @staticmethod
    def ratio(rounds, summary, question, other):
        """The median to another question's, within the same undisturbed rounds; None if none has both."""
        steady = [r for r, pair in zip(rounds, summary["pairs"]) if pair["kept"] and ("ntpwired", other) in r]
        ratios = [r["ntpwired", question]["answered_pps"] / r["ntpwired", other]["answered_pps"] for r in steady]
        return round(statistics.median(ratios), 4) if ratios else None

    @staticmethod
    def headlines(results):
        said = []
        for r in results:
            if r["case"].endswith(PLAIN.text) and r["headline"]:
                said.append(f"{r['ratio_to_ref']:.2f} of testpmd 5tswap over {r['transport']} (median of {r['kept']} of "
                            f"{r['runs']} pairs, {r['ratio_min']:.2f} to {r['ratio_max']:.2f}): {r['mrr_pps'] / 1e6:.1f} "
                            "million answers a second from one worker")
            elif r["case"].endswith(PLAIN.text):
                said.append(f"no headline over {r['transport']}: the reference was steady in {r['kept']} of {r['runs']} "
                            f"pairs, and it takes {pairs.LEAST_PAIRS}")
            elif r["headline"] and r["case"].endswith(IP6.text) and r["ratio_to_plain"]:
                said.append(f"IPv6 does {r['ratio_to_plain']:.2f} of what IPv4 does over {r['transport']}")
            elif r["headline"] and r.get("ratio_to_one_client"):
                said.append(f"16 M clients get {r['ratio_to_one_client']:.2f} of what one gets over {r['transport']}")
        return said
