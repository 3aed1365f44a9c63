# SPDX-License-Identifier: BSD-3-Clause
"""Part links: one worker over shared memory, in turn with testpmd's 5tswap on the same link.

Both servers and their generators run all the time; who is not asked sleeps. A round asks every case once, each between
two runs of the reference, so that all ratios are of the same seconds.
"""
import contract
import links
import pairs
from links import Question

NAME = "links"
LINKS = ["memif", "vhost"]
PLAIN, IP6, TAGGED = Question(), Question(family=6), Question(vlan=100)
JUNK = Question(junk=99)
CROWDS = [Question(clients="1"), Question(clients="1M"), Question(clients="16M")]
# What is also asked beside another question to ntpwired itself, the same way; of junk, how much the server takes.
BESIDE = {IP6: PLAIN, CROWDS[2]: CROWDS[0], JUNK: PLAIN}
START_SECONDS = 2.0  # of two processes, until the first request leaves
TURN_SECONDS = 0.2  # of a run beside its sending


def reference_of(question):
    """Which question the reference is asked beside: crowds stand beside the plain one."""
    return question if question in (PLAIN, IP6, TAGGED) else PLAIN


def chains(asked):
    """What stands beside the same reference is asked in one chain of runs, the reference between them."""
    return {reference: [q for q in asked if reference_of(q) == reference] for reference in map(reference_of, asked)}


class Part:
    """rounds[kind]: a list of {question: a pair}, as pairs.py has them."""

    def __init__(self, context):
        self.context = context
        self.rounds, self.extra = {}, {}
        self.span = self.shape(context.quick)[1]

    @staticmethod
    def shape(quick):
        """Rounds, seconds of a run; what each link is asked."""
        everything = [PLAIN, *CROWDS, IP6, TAGGED]
        if quick:
            return 2, 0.25, {"memif": everything, "vhost": [PLAIN]}
        return 18, 0.3, {kind: everything for kind in LINKS}

    @classmethod
    def seconds(cls, quick):
        rounds, span, questions = cls.shape(quick)
        runs = sum(2 * len(asked) + len(chains(asked)) + 3 * len(BESIDE) * (IP6 in asked) for asked in questions.values())
        return rounds * runs * (span + TURN_SECONDS) + 6 * len(questions) * START_SECONDS

    def run(self):
        rounds, _, questions = self.shape(self.context.quick)
        for done, (kind, asked) in enumerate(questions.items()):
            self.ceiling(kind)
            self.rounds[kind] = []
            with links.asked(self.context.lab, kind, links.Testpmd(self.context.lab, "5tswap"), PLAIN) as reference, \
                    links.asked(self.context.lab, kind, links.Ntpwired(self.context.lab), PLAIN) as ours:
                for number in range(1, rounds + 1):
                    self.rounds[kind].append({})
                    for question, chain in chains(asked).items():
                        self.chain(reference, ours, question, chain)
                    if IP6 in asked:
                        self.beside(ours)
                    share = (done + number / rounds) / len(questions)
                    self.say(kind, number, rounds, share)
                    if number > 2 * pairs.LEAST_PAIRS and self.context.progress.is_late(share):
                        self.context.progress.say(f"{kind}: {number} rounds must do, this machine is slow")
                        break
            self.context.reflector[kind] = max(pairs.reference_pps(r[PLAIN]) for r in self.rounds[kind])

    def ceiling(self, kind):
        lab = self.context.lab
        self.extra[kind] = {"io": [], "alone": None}
        self.context.progress.say(f"{kind}: what the generator and the link carry without a server")
        self.extra[kind]["alone"] = links.generator_alone(lab, PLAIN)
        for _ in range(1 if self.context.quick else 2):
            self.extra[kind]["io"].append(links.measure(lab, kind, links.Testpmd(lab, "io"), PLAIN, self.span))

    def chain(self, reference, ours, question, chain):
        after = reference.measure(question, self.span)
        for asked in chain:
            before, b = after, ours.measure(asked, self.span)
            after = reference.measure(question, self.span)
            self.rounds[ours.link.kind][-1][asked] = {"reference": before, "ntpwired": b, "after": after}

    def beside(self, ours):
        runs = self.rounds[ours.link.kind][-1]
        for question, other in BESIDE.items():
            before, words, after = (ours.measure(q, self.span) for q in (other, question, other))
            if question.junk:
                words = {"answered_pps": words["offered_pps"]}
            runs.setdefault(question, {})["beside"] = {"reference": before, "ntpwired": words, "after": after}

    def say(self, kind, number, rounds, done):
        pair = self.rounds[kind][-1][PLAIN]
        self.context.progress.say(f"{kind} round {number} of {rounds}: 5tswap {pairs.reference_pps(pair) / 1e6:.2f} M/s, ntpwired "
                                  f"{pair['ntpwired']['answered_pps'] / 1e6:.2f} M/s, ratio {pairs.ratio(pair):.3f}", done)

    def results(self):
        found = []
        for kind, rounds in self.rounds.items():
            for question in dict.fromkeys(q for pairs_of in rounds for q in pairs_of):
                if not question.junk:
                    found.append(self.result(kind, question, [r for r in rounds if question in r]))
        return found

    def result(self, kind, question, rounds):
        summary = pairs.pairs_sum_up([r[question] for r in rounds])
        measured = {
            "mode": f"ntp{question.family}", "transport": kind, "frame_bytes": question.frame_bytes, "cookies": 0,
            "clients": question.clients, "vlan": question.vlan or None, "workers": 1, **summary,
            "reference_question": reference_of(question).text,
            "io_pps": round(max(r["answered_pps"] for r in self.extra[kind]["io"])),
            "generator_pps": round(self.extra[kind]["alone"]["answered_pps"]),
        }
        other = JUNK if question == PLAIN else question
        measured["beside"] = self.beside_sum_up(other, [r[other]["beside"] for r in rounds if "beside" in r.get(other, {})])
        measured["at_the_links_limit"] = pairs.at_the_limit(measured, measured["io_pps"])
        measured["core_hz_est"] = self.context.core
        return contract.result(NAME, f"{kind}, {question.text}", measured)

    @staticmethod
    def beside_sum_up(question, found):
        """How this question does beside another one, both asked of ntpwired; None where it is not."""
        steady = pairs.pairs_gate(found)
        if not found:
            return None
        what = f"answers, where {question.junk} % is junk" if question.junk else BESIDE[question].text
        return {"question": what, "runs": len(found), "kept": len(steady),
                "headline": len(steady) >= pairs.LEAST_PAIRS, **pairs.ratios_sum_up([pairs.ratio(p) for p in steady or found])}

    @staticmethod
    def headlines(results):
        said = []
        for r in results:
            if r["case"].endswith(PLAIN.text) and r["headline"]:
                said.append(f"{r['ratio_to_ref']:.2f} of testpmd 5tswap over {r['transport']} (median of {r['kept']} of "
                            f"{r['runs']} pairs, {r['ratio_min']:.2f} to {r['ratio_max']:.2f}): {r['mrr_pps'] / 1e6:.1f} "
                            "million answers a second from one worker")
            elif r["case"].endswith(PLAIN.text):
                said.append(f"no headline over {r['transport']}: the reference was steady around {r['kept']} of "
                            f"{r['runs']} pairs, and it takes {pairs.LEAST_PAIRS}")
            if r["beside"] and r["beside"]["headline"]:
                said.append(f"{r['case']}: {r['beside']['ratio_to_ref']:.2f} of ntpwired's {r['beside']['question']} "
                            f"(median of {r['beside']['kept']} of {r['beside']['runs']} pairs)")
        return said
