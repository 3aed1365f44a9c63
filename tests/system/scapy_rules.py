# SPDX-License-Identifier: BSD-3-Clause
"""The acceptance rules and the reply once more, read from the rules and not from the core (F-02).

Slow and plain: bytes and struct only. `answer` returns the reply that is owed to a frame, or None.
"""
import ipaddress
import struct

MAC = bytes.fromhex("020000000001")
IP4 = {ipaddress.ip_address("10.123.0.1"), ipaddress.ip_address("10.200.0.4")}
IP6 = {ipaddress.ip_address("fd00:123::1"), ipaddress.ip_address("fd00:123::53")}
BROADCAST = {ipaddress.ip_address("10.123.0.255")}
NEVER = [ipaddress.ip_network(n) for n in (
    "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4",
    "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
    "::/128", "::1/128", "ff00::/8", "::ffff:0:0/96", "100::/64", "2001:db8::/32")]
UNKNOWN, GOOD, BAD, ABSENT = range(4)
UDP = 17

# What answer_frames' clock says.
T2 = 0xeb9a5f0012345678
T3 = 0xeb9a5f0012347777
STRATUM = 2
PRECISION = 0xe0  # -32
ROOT_DELAY = 0x456
ROOT_DISPERSION = 0x1235  # 0x12345678 units of 2^-32 s, rounded up
REFERENCE_ID = bytes([192, 0, 2, 1])
REFERENCE_TIME = 0xeb9a5eff00000000


def one_sum(data):
    """RFC 1071: the sum of 16-bit words with the carries brought round."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


def pseudo(source, destination, udp_length):
    """The pseudo-header of either family."""
    if len(source) == 4:
        return source + destination + struct.pack("!BBH", 0, UDP, udp_length)
    return source + destination + struct.pack("!IxxxB", udp_length, UDP)


def answers_source(address):
    """Whether a packet from this address may be answered."""
    if address in IP4 or address in IP6 or address in BROADCAST:
        return False
    return not any(address.version == net.version and address in net for net in NEVER)


def open_ether(frame):
    """Bytes of Ethernet header and tags, and the type behind them; None for silence."""
    if len(frame) < 14 or frame[:6] != MAC:
        return None
    source = frame[6:12]
    if source in (bytes(6), MAC) or source[0] & 1:
        return None
    at, tags = 14, 0
    while frame[at - 2:at] in (b"\x81\x00", b"\x88\xa8"):
        tags += 1
        at += 4
        if tags > 2 or len(frame) < at:
            return None
    return at, frame[at - 2:at]


def open_ip4(packet, says):
    """Source, destination and UDP bytes; None for silence."""
    if len(packet) < 20 or packet[0] != 0x45:
        return None
    total, _, fragment = struct.unpack("!HHH", packet[2:8])
    if total < 20 or total > len(packet) or fragment & 0x3fff or packet[9] != UDP:
        return None
    if says == BAD or (says == UNKNOWN and one_sum(packet[:20]) != 0xffff):
        return None
    return packet[12:16], packet[16:20], packet[20:total]


def open_ip6(packet):
    """Source, destination and UDP bytes; None for silence."""
    if len(packet) < 40 or packet[0] >> 4 != 6 or packet[6] != UDP:
        return None
    length, = struct.unpack("!H", packet[4:6])
    if length > len(packet) - 40:
        return None
    return packet[8:24], packet[24:40], packet[40:40 + length]


def open_udp(source, destination, datagram, says):
    """Source port and NTP bytes; None for silence."""
    if len(datagram) < 8:
        return None
    sport, dport, length, field = struct.unpack("!HHHH", datagram[:8])
    if length < 8 or length > len(datagram) or dport != 123 or sport == 0:
        return None
    datagram = datagram[:length]
    if field == 0 and says != ABSENT:
        return (sport, datagram[8:]) if len(source) == 4 else None
    if says == BAD:
        return None
    if says == UNKNOWN and one_sum(pseudo(source, destination, length) + datagram) != 0xffff:
        return None
    return sport, datagram[8:]


def answers_message(message, sport):
    """H1 to H5, E1 to E8."""
    if len(message) < 48 or len(message) % 4:
        return False
    version, mode = message[0] >> 3 & 7, message[0] & 7
    if not 1 <= version <= 4:
        return False
    if mode == 0:
        return version == 1 and sport != 123 and len(message) == 48
    if mode not in (1, 3):
        return False
    rest = message[48:]
    if version < 4:
        return not rest
    while len(rest) > 24:
        kind, length = struct.unpack("!HH", rest[:4])
        if length < 16 or length % 4 or length > len(rest) or kind in (0x0204, 0x0404):
            return False
        rest = rest[length:]
    return not rest


def reply_message(message):
    """The 48 bytes that answer."""
    mode = 2 if message[0] & 7 == 1 else 4
    origin, = struct.unpack("!Q", message[40:48])
    transmit = T3 + 1 if origin == T3 else T3
    return struct.pack("!BBBBII4sQQQQ", message[0] & 0x38 | mode, STRATUM, message[2], PRECISION,
                       ROOT_DELAY, ROOT_DISPERSION, REFERENCE_ID, REFERENCE_TIME, origin, T2,
                       transmit)


def reply_ip(source, destination, datagram):
    """IP header and datagram, from us to who asked."""
    if len(source) == 16:
        return struct.pack("!IHBB", 6 << 28, 56, UDP, 64) + destination + source + datagram
    begin = struct.pack("!BBHHHBB", 0x45, 0, 76, 0, 0x4000, 64, UDP)
    addresses = destination + source
    field = 0xffff - one_sum(begin + addresses)
    return begin + struct.pack("!H", field) + addresses + datagram


def answer(frame, ip_says, udp_says):
    """The reply to the frame, or None."""
    ether = open_ether(frame)
    if ether is None:
        return None
    at, kind = ether
    if kind == b"\x08\x00":
        packet = open_ip4(frame[at:], ip_says)
    elif kind == b"\x86\xdd":
        packet = open_ip6(frame[at:])
    else:
        packet = None
    if packet is None:
        return None
    source, destination, datagram = packet
    ours = IP4 if len(source) == 4 else IP6
    if ipaddress.ip_address(destination) not in ours:
        return None
    if not answers_source(ipaddress.ip_address(source)):
        return None
    opened = open_udp(source, destination, datagram, udp_says)
    if opened is None or not answers_message(opened[1], opened[0]):
        return None
    message = reply_message(opened[1])
    ports = struct.pack("!HHH", 123, opened[0], 56)
    field = 0xffff - one_sum(pseudo(destination, source, 56) + ports + message)
    datagram = ports + struct.pack("!H", field or 0xffff) + message
    return frame[6:12] + MAC + frame[12:at] + reply_ip(source, destination, datagram)
