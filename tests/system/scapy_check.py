# SPDX-License-Identifier: BSD-3-Clause
"""Asks the core with frames that scapy built and lets scapy judge the replies; then random frames,
on which a second reading of the rules (scapy_rules.py) must agree byte for byte.

Usage: scapy_check.py ANSWER_FRAMES. Prints one line "ok - ..." or "not ok - ..." a check; exit 1 if
any failed. NTPWIRE_SEED brings back a random run, NTPWIRE_FRAMES sets its length.
"""
import logging
import os
import random
import struct
import subprocess
import sys
import time

logging.getLogger("scapy").setLevel(logging.CRITICAL)
from scapy.layers.inet import ICMP, IP, TCP, UDP  # noqa: E402
from scapy.layers.inet6 import (  # noqa: E402
    IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting)
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether  # noqa: E402
from scapy.layers.ntp import NTPHeader  # noqa: E402
from scapy.packet import Padding, Raw  # noqa: E402

import scapy_rules as rules  # noqa: E402

SERVER, CLIENT = "02:00:00:00:00:01", "02:00:00:00:00:02"
TAGS = {
    "untagged": [],
    "802.1Q": [(Dot1Q, 5)],
    "priority tag": [(Dot1Q, 0)],
    "802.1ad": [(Dot1AD, 100)],
    "QinQ": [(Dot1AD, 100), (Dot1Q, 4094)],
    "two 802.1Q": [(Dot1Q, 7), (Dot1Q, 8)],
}
failures = 0


def report(good, name, detail=""):
    """One line of the result."""
    global failures
    failures += not good
    print(("ok - scapy: " if good else "not ok - scapy: ") + name)
    if detail and not good:
        print("# " + detail.replace("\n", "\n# "))
    sys.stdout.flush()


def ask(program, questions):
    """The (verdict, reply) of each (frame, ip_says, udp_says), from one run of answer_frames."""
    stdin = b"".join(struct.pack("!HBB", len(f), i, u) + f for f, i, u in questions)
    run = subprocess.run([program], input=stdin, stdout=subprocess.PIPE, timeout=120, check=True)
    out, at, results = run.stdout, 0, []
    for _ in questions:
        verdict_end = at + 1 + out[at]
        verdict = out[at + 1:verdict_end].decode()
        length, = struct.unpack("!H", out[verdict_end:verdict_end + 2])
        at = verdict_end + 2 + length
        results.append((verdict, out[verdict_end + 2:at]))
    if at != len(out):
        raise ValueError("answer_frames wrote more than was asked")
    return results


def ether(tags=(), source=CLIENT, destination=SERVER):
    """Ethernet and tags, outermost first."""
    packet = Ether(src=source, dst=destination)
    for layer, vlan in tags:
        packet /= layer(vlan=vlan, prio=3)
    return packet


def ip(family, **fields):
    """An IP header of either family from the usual client to the first service address."""
    if family == 4:
        return IP(**{"src": "10.123.0.2", "dst": "10.123.0.1", "id": 77, "ttl": 61, **fields})
    return IPv6(**{"src": "fd00:123::2", "dst": "fd00:123::1", "fl": 0x12345, "hlim": 61, **fields})


def ntp(version=4, mode=3, **fields):
    """A request with something in every field."""
    base = {"version": version, "mode": mode, "leap": 3, "poll": 10, "precision": 0xec,
            "delay": 0.5, "dispersion": 0.25, "ref_id": b"ABCD", "ref": 3.3e9, "orig": 3.4e9,
            "recv": 3.5e9, "sent": 3.6e9 + 0.37}
    base.update(fields)
    precision = base.pop("precision")  # signed or not, by scapy's version
    message = bytes(NTPHeader(**base))[:48]
    return Raw(message[:3] + bytes([precision]) + message[4:])


def extension(kind, length, body=b""):
    """An extension field that says `length`."""
    return struct.pack("!HH", kind, length) + body.ljust(max(length, 4) - 4, b"\x5a")


def request(family=4, tags=(), sport=40001, dport=123, message=None):
    """A whole good request, changed by its arguments."""
    message = ntp() if message is None else message
    return ether(tags) / ip(family) / UDP(sport=sport, dport=dport) / message


def owed(asked):
    """The reply to a request that scapy knows, as scapy would build it."""
    reply = Ether(src=asked[Ether].dst, dst=asked[Ether].src)
    layer = asked[Ether].payload
    while isinstance(layer, (Dot1Q, Dot1AD)):
        reply /= type(layer)(vlan=layer.vlan, prio=layer.prio, id=layer.id)
        layer = layer.payload
    if IPv6 in asked:
        reply /= IPv6(src=asked[IPv6].dst, dst=asked[IPv6].src, hlim=64)
    else:
        reply /= IP(src=asked[IP].dst, dst=asked[IP].src, ttl=64, id=0, flags="DF", tos=0)
    reply /= UDP(sport=123, dport=asked[UDP].sport)
    return bytes(reply / Raw(rules.reply_message(bytes(asked[UDP].payload))))


def scapy_faults(asked, got):
    """What scapy finds wrong with the reply, as text; empty if nothing."""
    want = owed(asked)
    if got != want:
        return f"got  {got.hex()}\nwant {want.hex()}"
    parsed = Ether(got)
    header = parsed[NTPHeader]
    faults = []
    if header.mode not in (2, 4) or header.version != bytes(asked[UDP].payload)[0] >> 3 & 7:
        faults.append(f"mode {header.mode}, version {header.version}")
    if header.stratum != 2 or header.leap != 0 or header.id != "192.0.2.1":
        faults.append(f"stratum {header.stratum}, leap {header.leap}, id {header.id}")
    if Padding in parsed or len(bytes(header)) != 48:
        faults.append("bytes behind the message")
    again = parsed.copy()
    for layer in (IP, UDP):
        if layer in again:
            del again[layer].chksum
    if bytes(again) != got:
        faults.append("scapy computes other checksums")
    return "; ".join(faults)


def check(program, name, packets, want, says=(rules.UNKNOWN, rules.UNKNOWN)):
    """All packets must get the verdict `want`; answers must be what scapy would have built."""
    questions = [(p if isinstance(p, bytes) else bytes(p), *says) for p in packets]
    faults = []
    for packet, question, (verdict, reply) in zip(packets, questions, ask(program, questions)):
        fault = ""
        if verdict != want:
            fault = f"{verdict}, not {want}"
        elif bool(reply) != want.startswith("answer_"):
            fault = "reply and verdict disagree"
        elif reply:
            fault = scapy_faults(Ether(bytes(packet)), reply)
        if fault:
            faults.append(f"{fault}\nfor  {question[0].hex()}")
    report(packets and not faults, f"{name} ({len(packets)}): {want}", "\n".join(faults[:3]))


def check_versions_and_ports(program):
    """Every combination that is answered, over both families and all kinds of tags."""
    ports = (1, 123, 1024, 40001, 65535)
    for verdict, version, mode in (("answer_v1", 1, 3), ("answer_v2", 2, 3), ("answer_v3", 3, 3),
                                   ("answer_v4", 4, 3), ("answer_symmetric", 4, 1),
                                   ("answer_v1_mode0", 1, 0)):
        packets = [request(f, tags, port, message=ntp(version, mode))
                   for f in (4, 6) for tags in TAGS.values() for port in ports
                   if mode != 0 or port != 123]
        check(program, f"version {version} mode {mode}", packets, verdict)


def check_silent_messages(program):
    """Modes, versions and lengths that are not answered."""
    for verdict, cells in {
            "ntp_version": [(v, m) for v in (0, 6, 7) for m in range(8)],
            "ntp_version5": [(5, m) for m in range(8)],
            "ntp_mode_reserved": [(v, 0) for v in (2, 3, 4)],
            "ntp_mode_reply": [(v, m) for v in (1, 2, 3, 4) for m in (2, 4, 5)],
            "ntp_mode_control": [(v, m) for v in (1, 2, 3, 4) for m in (6, 7)]}.items():
        check(program, "silence", [request(f, message=ntp(*c)) for f in (4, 6) for c in cells],
              verdict)
    peers = [request(f, sport=123, message=ntp(1, 0)) for f in (4, 6)]
    longer = [request(f, message=Raw(bytes(ntp(1, 0)) + b"k" * n)) for f in (4, 6) for n in (4, 20)]
    check(program, "version 1 without a mode", peers + longer, "ntp_mode_reserved")
    head = bytes(ntp())
    check(program, "cut messages", [request(f, message=Raw(head[:n]))
                                    for f in (4, 6) for n in range(48)], "ntp_short")
    check(program, "odd messages", [request(f, message=Raw(head + b"\0" * n))
                                    for f in (4, 6) for n in (1, 2, 3, 5, 6, 7, 8, 12, 16, 23)],
          "ntp_length")


def check_tails(program):
    """Extension fields and MACs."""
    head, old = bytes(ntp()), bytes(ntp(version=3))
    field = extension
    sets = {
        "answer_v4": [head + field(0x0104, n) for n in range(28, 1400, 68)] +
                     [head + field(k, 16) + field(k, 28) for k in (2, 0x102, 0xf323, 0xf5ff)],
        "ntp_extension": [head + field(7, n, b"x" * 60) for n in (0, 1, 3, 12, 15, 17, 30)] +
                         [head + struct.pack("!HH", 7, 65535) + b"x" * 60],
        "ntp_crypto_nak": [head + b"\0" * 4, old + b"\0" * 4],
        "ntp_mac": [head + b"k" * 20, head + b"k" * 24, old + b"k" * 20, old + b"k" * 24,
                    head + field(7, 16) + field(7, 28) + b"k" * 20],
        "ntp_ms_sntp": [old + b"\1\2\3\4" + bytes(16), old + b"k" * 72],
        "ntp_nts": [head + field(0x104, 36) + field(0x204, 104) + field(0x404, 40)],
    }
    for verdict, messages in sets.items():
        check(program, "behind the header",
              [request(f, message=Raw(m)) for f in (4, 6) for m in messages], verdict)


def check_packet_layer(program):
    """What scapy can get wrong below NTP."""
    udp = UDP(sport=40001, dport=123) / ntp()
    extended = [IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt(), IPv6ExtHdrRouting(),
                IPv6ExtHdrFragment()]
    six = ip(6)
    sets = {
        "ether_vlan": [ether([(Dot1Q, 1)] * 3) / ip(4) / udp],
        "ether_type": [ether() / ARP(), ether([(Dot1Q, 3)]) / ARP()],
        "ether_destination": [ether(destination="ff:ff:ff:ff:ff:ff") / ip(4) / udp,
                              ether(destination="01:00:5e:00:01:01") / ip(4) / udp],
        "ether_source": [ether(source="01:00:5e:00:01:01") / ip(4) / udp,
                         ether(source="00:00:00:00:00:00") / six / udp],
        "ip4_options": [ether() / ip(4, options=b"\x01" * 4) / udp,
                        ether() / ip(4, options=b"\x94\x04\0\0") / udp],
        "ip4_fragment": [ether() / ip(4, flags="MF") / udp, ether() / ip(4, frag=3) / udp],
        "ip4_checksum": [ether() / ip(4, chksum=0x1111) / udp],
        "ip6_extension": [ether() / six / e / udp for e in extended],
        "ip_protocol": [ether() / ip(4) / TCP(dport=123), ether() / ip(4) / ICMP(),
                        ether() / six / TCP(dport=123)],
        "ip_destination": [ether() / ip(4, dst="224.0.1.1") / udp,
                           ether() / ip(6, dst="ff02::101") / udp],
        "ip_source": [ether() / ip(4, src="127.0.0.1") / udp, ether() / ip(6, src="::1") / udp,
                      ether() / ip(4, src="10.123.0.255") / udp],
        "udp_destination": [request(f, dport=p) for f in (4, 6) for p in (0, 122, 124, 319)],
        "udp_source": [request(f, sport=0) for f in (4, 6)],
        "udp_no_checksum": [ether() / six / UDP(sport=1, dport=123, chksum=0) / ntp()],
        "udp_checksum": [ether() / ip(f) / UDP(sport=1, dport=123, chksum=0x1234) / ntp()
                         for f in (4, 6)],
        "answer_v4": [ether() / ip(4) / UDP(sport=1, dport=123, chksum=0) / ntp()] +
                     [request(f) / Padding(b"\xee" * n) for f in (4, 6) for n in (1, 6, 40, 8000)],
    }
    for verdict, packets in sets.items():
        check(program, "packet layer", packets, verdict)


def repair(frame):
    """The frame with right checksums, where it is near enough to a request to have any."""
    at = 14
    while frame[at - 2:at] in (b"\x81\x00", b"\x88\xa8") and at < 22:
        at += 4
    body = bytearray(frame)
    is_ip4 = frame[at - 2:at] == b"\x08\x00"
    udp = at + (20 if is_ip4 else 40)
    if len(frame) < udp + 8:
        return frame
    if is_ip4:
        body[at + 10:at + 12] = b"\0\0"
        struct.pack_into("!H", body, at + 10, 0xffff - rules.one_sum(bytes(body[at:at + 20])))
    length, = struct.unpack("!H", frame[udp + 4:udp + 6])
    body[udp + 6:udp + 8] = b"\0\0"
    first, last = (at + 12, at + 20) if is_ip4 else (at + 8, at + 40)
    half = (last - first) // 2
    total = rules.one_sum(rules.pseudo(bytes(body[first:first + half]),
                                       bytes(body[first + half:last]), length) +
                          bytes(body[udp:udp + length]))
    struct.pack_into("!H", body, udp + 6, (0xffff - total) or 0xffff)
    return bytes(body)


def damage(frame, dice):
    """A neighbour of the frame: bits, bytes and 16-bit fields changed, cut or longer."""
    body = bytearray(frame)
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
        reach = min(len(body), dice.choice((24, 60, 110, 2000)))
        if reach < 2:
            break
        at = dice.randrange(reach - 1)
        kind = dice.randrange(4)
        if kind == 0:
            body[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            body[at] = dice.randrange(256)
        elif kind == 2:
            number, = struct.unpack_from("!H", body, at)
            struct.pack_into("!H", body, at, (number + dice.choice((-8, -4, -1, 1, 4, 8))) % 65536)
        else:
            struct.pack_into("!H", body, at, dice.choice((0, 1, 3, 12, 16, 28, 123, 255, 65535)))
    if dice.random() < 0.1:
        del body[dice.randrange(len(body) + 1):]
    if dice.random() < 0.1:
        body += bytes(dice.randrange(1, 50))
    return bytes(body)


def seeds():
    """Frames near which the interesting ones lie."""
    head = bytes(ntp())
    tails = [b"", extension(7, 28), extension(7, 16) + extension(9, 32), b"k" * 20, b"\0" * 4,
             extension(0x104, 36) + extension(0x204, 104) + extension(0x404, 40)]
    packets = [request(f, tags, message=Raw(head + tail))
               for f in (4, 6) for tags in TAGS.values() for tail in tails]
    packets += [request(f, tags, message=ntp(v, m)) for f in (4, 6) for tags in TAGS.values()
                for v, m in ((1, 0), (1, 3), (2, 3), (3, 3), (4, 1))]
    packets += [request(f, sport=123, message=ntp(1, m)) for f in (4, 6) for m in (0, 1, 3)]
    packets += [request(f, message=Raw(bytes(ntp(1, 0)) + b"k" * 20)) for f in (4, 6)]
    return [bytes(p) for p in packets]


def check_random(program):
    """F-02: both readings of the rules must agree on every random frame, byte for byte."""
    seed = int(os.environ.get("NTPWIRE_SEED", str(time.time_ns())), 0)
    count = int(os.environ.get("NTPWIRE_FRAMES", "40000"))
    dice, start, frames = random.Random(seed), seeds(), []
    for _ in range(count):
        frame = damage(dice.choice(start), dice)
        if dice.random() < 0.7:
            frame = repair(frame)
        says = (rules.UNKNOWN, rules.UNKNOWN)
        if dice.random() < 0.3:
            says = (dice.randrange(4), dice.randrange(4))
        frames.append((frame, *says))
    faults, answered = [], 0
    for question, (verdict, reply) in zip(frames, ask(program, frames)):
        want = rules.answer(*question)
        answered += want is not None
        if (want or b"") != reply or bool(reply) != verdict.startswith("answer_"):
            faults.append(f"{verdict}, says {question[1:]}\nframe {question[0].hex()}\n"
                          f"got   {reply.hex()}\nwant  {(want or b'').hex()}")
    print(f"# {len(frames)} frames, {answered} answered, NTPWIRE_SEED={seed}")
    both_happen = count / 10 < answered < count * 9 / 10
    report(both_happen and not faults, f"{count} random frames, two readings of the rules agree",
           f"{len(faults)} differ\n" + "\n".join(faults[:3]))


def main():
    """Runs all checks."""
    if len(sys.argv) != 2:
        sys.exit("usage: scapy_check.py ANSWER_FRAMES")
    program = sys.argv[1]
    check_versions_and_ports(program)
    check_silent_messages(program)
    check_tails(program)
    check_packet_layer(program)
    check_random(program)
    sys.exit(1 if failures else 0)


main()
