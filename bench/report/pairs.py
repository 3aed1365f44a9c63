# SPDX-License-Identifier: BSD-3-Clause
"""What pairs of runs come to: the noise gate, medians, spreads."""
import statistics

# A pair is dropped where the reference's runs before and after it are further apart: the machine's speed changed.
GATE = 0.90
LEAST_PAIRS = 7  # fewer make no headline
LINK_IS_FULL = 0.95  # of what the link carries without any work in it
CORE_OURS = 0.97  # of the generator's core: less, and it was not alone there


def reference_pps(pair):
    return (pair["reference"]["answered_pps"] + pair["after"]["answered_pps"]) / 2


def ratio(pair):
    return pair["ntpwired"]["answered_pps"] / reference_pps(pair)


def pairs_gate(pairs):
    """Marks and returns the pairs between two like runs of the reference."""
    for p in pairs:
        low, high = sorted(p[side]["answered_pps"] for side in ("reference", "after"))
        p["kept"] = low >= GATE * high
    return [p for p in pairs if p["kept"]]


def ratios_sum_up(ratios):
    return {
        "ratio_to_ref": round(statistics.median(ratios), 4),
        "ratio_min": round(min(ratios), 4),
        "ratio_max": round(max(ratios), 4),
        "cov_pct": round(100 * statistics.pstdev(ratios) / statistics.mean(ratios), 2),
    }


def side_sum_up(runs):
    return {
        "pps": round(statistics.median(r["answered_pps"] for r in runs)),
        "pps_min": round(min(r["answered_pps"] for r in runs)),
        "pps_max": round(max(r["answered_pps"] for r in runs)),
        "cyc_per_pkt_tsc": round(statistics.median(r["tsc_hz"] / r["answered_pps"] for r in runs), 1),
        "lost_percent": round(statistics.median(r["lost_percent"] for r in runs), 4),
        "generator_cycles": round(statistics.median(r["cycles_per_frame"] for r in runs), 1),
        "generator_core_share": round(min(r["core_share"] for r in runs), 3),
        "generator_limited_runs": sum(r["generator_is_limit"] for r in runs),
    }


def pairs_sum_up(pairs):
    """Fields of the contract (contract.py) and both sides, from pairs: `ntpwired` between `reference` and `after`."""
    steady = pairs_gate(pairs)
    kept = steady or pairs  # for the figures beside "no headline"
    ours = side_sum_up([p["ntpwired"] for p in kept])
    reference = side_sum_up([p["reference"] for p in kept])
    return {
        "runs": len(pairs),
        "kept": len(steady),
        "headline": len(steady) >= LEAST_PAIRS,
        "noise_gate": GATE,
        **ratios_sum_up([ratio(p) for p in kept]),
        "tsc_hz": kept[0]["ntpwired"]["tsc_hz"],
        "ref5tswap_pps": reference["pps"],
        "mrr_pps": ours["pps"],
        "cyc_per_pkt_tsc": ours["cyc_per_pkt_tsc"],
        "reference": reference,
        "ntpwired": ours,
        **verified_sum_up([p["ntpwired"] for p in pairs]),
        "pairs": [{"ref5tswap_pps": round(reference_pps(p)), "pps": round(p["ntpwired"]["answered_pps"]),
                   "ratio": round(ratio(p), 4), "kept": p["kept"]} for p in pairs],
    }


def verified_sum_up(runs):
    """What the generator said of all replies of some runs."""
    return {
        "verified_replies": sum(r["answered"] for r in runs),
        "invalid_replies": sum(r["invalid"] for r in runs),
        "lost": sum(r["lost"] for r in runs),
        "dup": sum(r["duplicates"] for r in runs),
        "reorder": sum(r["reordered"] for r in runs),
    }


def interleaved_share(runs):
    """Of the right replies of some runs, those in interleaved mode."""
    return round(sum(r["interleaved"] for r in runs) / sum(r["answered"] for r in runs), 4)


def at_the_limit(summary, io_pps):
    """Which sides came so near to what the link carries that it was the limit: the reference may show that it is more than
    io_pps, which is of other minutes."""
    least = LINK_IS_FULL * max(io_pps, summary["reference"]["pps"])
    return [name for name, side in (("5tswap", summary["reference"]), ("ntpwired", summary["ntpwired"])) if side["pps"] >= least]
