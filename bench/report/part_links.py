# SPDX-License-Identifier: BSD-3-Clause
"""Part links: one worker over shared memory, in turn with testpmd's 5tswap on the same link.

Both servers and their generators run all the time; who is not asked sleeps. A round asks every case once, each between
two runs of the reference, so that all ratios are of the same seconds.
"""
import contextlib

import contract
import links
import pairs
from links import Question

NAME = "links"
LINKS = ["memif", "vhost"]
PLAIN, IP6, TAGGED = Question(), Question(family=6), Question(vlan=100)
JUNK = Question(junk=99)
CROWDS = [Question(clients="1"), Question(clients="1M"), Question(clients="16M")]
# All of its clients are in interleaved mode, before a server of its own; the others' has basic mode only.
PAIRED = Question(clients="1M", interleaved=True)
PAIRED_MIB = 16  # a million bursts: as many clients, each in one of its own
PAIRED_SHARE = 0.9  # of the replies in that mode: fewer make no headline
PAIRED_TURN = 1.0  # seconds in which every client gets a first reply
# What is also asked beside another question to ntpwired itself, the same way; of junk, how much the server takes. Of
# interleaved mode the runs beside are the other server's, in basic mode.
BESIDE = {IP6: PLAIN, CROWDS[2]: CROWDS[0], PAIRED: CROWDS[1], JUNK: PLAIN}
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
        everything = [PLAIN, *CROWDS, PAIRED, IP6, TAGGED]
        if quick:
            return 2, 0.25, {"memif": everything, "vhost": [PLAIN]}
        return 18, 0.3, {kind: everything for kind in LINKS}

    @classmethod
    def seconds(cls, quick):
        rounds, span, questions = cls.shape(quick)
        runs = sum(2 * len(asked) + len(chains(asked)) + 3 * len(BESIDE) * (IP6 in asked) for asked in questions.values())
        starts = sum(6 + 2 * (PAIRED in asked) for asked in questions.values())
        return rounds * runs * (span + TURN_SECONDS) + starts * START_SECONDS

    def run(self):
        rounds, _, questions = self.shape(self.context.quick)
        for done, (kind, asked) in enumerate(questions.items()):
            self.ceiling(kind)
            self.rounds[kind] = []
            with contextlib.ExitStack() as stack:
                sides = self.sides_start(stack, kind, asked)
                for number in range(1, rounds + 1):
                    self.rounds[kind].append({})
                    for question, chain in chains(asked).items():
                        self.chain(sides, question, chain)
                    if IP6 in asked:
                        self.beside(sides)
                    share = (done + number / rounds) / len(questions)
                    self.say(kind, number, rounds, share)
                    if number > 2 * pairs.LEAST_PAIRS and self.context.progress.is_late(share):
                        self.context.progress.say(f"{kind}: {number} rounds must do, this machine is slow")
                        break
            self.context.reflector[kind] = max(pairs.reference_pps(r[PLAIN]) for r in self.rounds[kind])

    def sides_start(self, stack, kind, asked):
        """Who is asked: 5tswap by None, ntpwired by whether its clients are in interleaved mode."""
        lab = self.context.lab
        servers = {None: links.Testpmd(lab, "5tswap"), False: links.Ntpwired(lab)}
        if PAIRED in asked:
            servers[True] = links.Ntpwired(lab, PAIRED_MIB)
        sides = {mode: stack.enter_context(links.asked(lab, kind, server, PLAIN)) for mode, server in servers.items()}
        if PAIRED in asked:
            sides[True].measure(PAIRED, PAIRED_TURN)
        return sides

    def ceiling(self, kind):
        lab = self.context.lab
        self.extra[kind] = {"io": [], "alone": None}
        self.context.progress.say(f"{kind}: what the generator and the link carry without a server")
        self.extra[kind]["alone"] = links.generator_alone(lab, PLAIN)
        for _ in range(1 if self.context.quick else 2):
            self.extra[kind]["io"].append(links.measure(lab, kind, links.Testpmd(lab, "io"), PLAIN, self.span))

    def chain(self, sides, question, chain):
        reference = sides[None]
        after = reference.measure(question, self.span)
        for asked in chain:
            before, b = after, sides[asked.interleaved].measure(asked, self.span)
            after = reference.measure(question, self.span)
            self.rounds[reference.link.kind][-1][asked] = {"reference": before, "ntpwired": b, "after": after}

    def beside(self, sides):
        runs = self.rounds[sides[None].link.kind][-1]
        for question, other in BESIDE.items():
            before, words, after = (sides[q.interleaved].measure(q, self.span) for q in (other, question, other))
            if question.junk:
                words = {**words, "answered_pps": words["offered_pps"]}
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
        beside = [r[other]["beside"] for r in rounds if "beside" in r.get(other, {})]
        if question.interleaved:
            asked = [r[question]["ntpwired"] for r in rounds] + [b["ntpwired"] for b in beside]
            measured["interleaved_share"] = pairs.interleaved_share(asked)
        measured["beside"] = self.beside_sum_up(other, beside, measured.get("interleaved_share"))
        measured["at_the_links_limit"] = pairs.at_the_limit(measured, measured["io_pps"])
        measured["core_hz_est"] = self.context.core
        return contract.result(NAME, f"{kind}, {question.text}", measured)

    @staticmethod
    def beside_sum_up(question, found, share):
        """How this question does beside another one, both asked of ntpwired; None where it is not. share: of replies in
        interleaved mode, where that is what is asked for."""
        steady = pairs.pairs_gate(found)
        if not found:
            return None
        what = f"answers, where {question.junk} % is junk" if question.junk else BESIDE[question].text
        return {"question": what, "runs": len(found), "kept": len(steady),
                "headline": len(steady) >= pairs.LEAST_PAIRS and (share is None or share >= PAIRED_SHARE),
                "generator_limited_runs": sum(p["ntpwired"]["generator_is_limit"] for p in steady),
                **pairs.ratios_sum_up([pairs.ratio(p) for p in steady or found])}

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
            if r["interleaved_share"] is not None and r["interleaved_share"] < PAIRED_SHARE:
                said.append(f"no headline for {r['case']}: {r['interleaved_share']:.0%} of the replies were in interleaved mode, "
                            f"and it takes {PAIRED_SHARE:.0%}")
            if r["beside"] and r["beside"]["headline"]:
                said.append(Part.headline_beside(r["case"], r["beside"]))
        return said

    @staticmethod
    def headline_beside(case, beside):
        """Where the generator could offer no more, the server might have done so."""
        limited = beside["generator_limited_runs"]
        least = "at least " if limited > 0 else ""
        why = f"; the generator was the limit in {limited}" if limited > 0 else ""
        return (f"{case}: {least}{beside['ratio_to_ref']:.2f} of ntpwired's {beside['question']} (median of {beside['kept']} of "
                f"{beside['runs']} pairs{why})")
