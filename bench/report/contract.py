# SPDX-License-Identifier: BSD-3-Clause
"""The fields that every result has, and why one is null where it was not measured.

Rates are a second; cycles are the machine's counter's; ratio_to_ref is to testpmd's 5tswap on the same
link in the same rounds. interleaved_share is of right replies, 0 to 1. t2_err_ns is T2 less the time the
request was sent, t3_err_ns T3 less the time the reply was received, both by the clock that server and generator share: the ways are in them. lat_ns has percentiles of the round trip at 0, 10, 50 and 90 % of the NDR.
"""
PERCENTILES = ["p50", "p90", "p99", "p99_9", "p99_99", "max"]
LOADS = ["0", "10", "50", "90"]  # percent of the NDR

NO_REFERENCE = "nothing here stands beside 5tswap on the same link"
NO_STAMPS = "no timestamps of a synchronised server were compared with the generator's clock here"
# field -> why it is null unless a part says otherwise
FIELDS = {
    "mode": "says of no requests",
    "transport": "nothing was sent",
    "frame_bytes": "nothing was sent",
    "cookies": "requests carry no NTS cookies",
    "clients": "nothing was sent",
    "workers": "no worker ran",
    "interleaved_share": "no client was in interleaved mode",
    "ndr_pps": "no search was made",
    "pdr05_pps": "no search was made",
    "mrr_pps": "nothing was sent",
    "ref5tswap_pps": NO_REFERENCE,
    "ratio_to_ref": NO_REFERENCE,
    "tsc_hz": "the counter's rate was not asked for",
    "core_hz_est": "the core's clock was not measured",
    "cyc_per_pkt_tsc": "cycles were not counted",
    "instr_per_pkt": "instructions are counted in the part micro only",
    "lat_ns": "no latency was measured",
    "t3_err_ns": NO_STAMPS,
    "t2_err_ns": NO_STAMPS,
    "late_t3_count": NO_STAMPS,
    "early_t2_count": NO_STAMPS,
    "verified_replies": "no replies were verified",
    "invalid_replies": "no replies were verified",
    "lost": "nothing was sent",
    "dup": "nothing was sent",
    "reorder": "nothing was sent",
    "soak_s": "no soak was asked for with --soak",
    "runs": "it did not run",
    "cov_pct": "it takes more than one run",
    "noise_gate": "nothing here is compared with a reference",
}


def result(part, case, measured, why=None):
    """A result with every field; `not_measured` says why of each null. why: other reasons than the usual."""
    reasons = {**FIELDS, **(why or {})}
    whole = {"part": part, "case": case, **{field: measured.get(field) for field in FIELDS},
             **{field: value for field, value in measured.items() if field not in FIELDS}}
    whole["not_measured"] = {field: reasons[field] for field in FIELDS if whole[field] is None}
    return whole


def latency(points):
    """lat_ns from the points that ntpwire-load latency prints."""
    by_load = {str(round(p["percent"])): p["lat_ns"] for p in points}
    return {load: {name: round(by_load[load][name], 1) for name in PERCENTILES} if load in by_load else None
            for load in LOADS}


def stamps(words):
    """The fields about T2 and T3 from what ntpwire-load rate --same-clock printed."""
    clock = (words or {}).get("same_clock")
    if not clock or not any(clock["t2_less_sent_ns"].values()):
        return {}
    return {**{field: {"mean": round(clock[key]["mean"], 1), "sd": round(clock[key]["stddev"], 1),
                       "min": round(clock[key]["min"], 1), "max": round(clock[key]["max"], 1)}
               for field, key in (("t2_err_ns", "t2_less_sent_ns"), ("t3_err_ns", "t3_less_received_ns"))},
            "early_t2_count": clock["early_t2"], "late_t3_count": clock["late_t3"]}
