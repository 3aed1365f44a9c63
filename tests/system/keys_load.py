#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Asks with symmetric keys while it changes the server's keys file: usage keys_load.py SERVER PID FILE.

There are two keys files, and SIGHUP takes the server from one to the other and back. Some keys stay, one
comes, one goes, and one gets another secret. All is asked from one socket, so the server reads it in order,
and every reply, and every silence, says which file was in force: it must change as often as the file was
changed, with nothing out of turn, lost, or answered with another code than the request's key makes.
The codes are those of ntpsec's own library.
"""
import json
import os
import signal
import socket
import struct
import sys
import time

import ntp.ntpc

RELOADS = 10
PACE = 0.002     # seconds between two requests
EVERY = 0.3      # seconds between two changes, at least
PATIENCE = 20.0  # seconds until a change must be seen
TEXT = {"MD5": "MD5", "SHA1": "SHA1", "SHA256": "SHA256", "AES": "AES-128"}

STAYS = {20: ("SHA1", b"stays"), 21: ("AES", bytes(range(16))), 22: ("SHA256", b"stays_too")}
FILES = [
    STAYS | {30: ("MD5", b"goes"), 40: ("SHA1", b"the_first")},
    STAYS | {31: ("AES", bytes(range(1, 17))), 40: ("SHA1", b"the_second")},
]
# What is asked in turn: a key, and the files with which that is answered. None: without a code.
TURNS = [(None, {0, 1})] + [((key, *STAYS[key]), {0, 1}) for key in STAYS] + [
    ((key, *value), {at}) for at, one in enumerate(FILES) for key, value in one.items() if key not in STAYS]


def code(message, key):
    """NTPv4 has room for 20 bytes of digest."""
    return struct.pack("!I", key[0]) + ntp.ntpc.mac(message, key[2], TEXT[key[1]])[:20]


def request(number, key):
    plain = b"\x23" + bytes(39) + struct.pack("!Q", number + 1)
    return plain + (code(plain, key) if key else b"")


def wrong_in(reply, key):
    """What is wrong with a reply to a request with this key, or None."""
    plain, rest = reply[:48], reply[48:]
    if plain[0] != 0x24 or plain[1] == 0:
        return f"begins with {plain[:2].hex()}"
    if rest != (code(plain, key) if key else b""):
        return f"has the code {rest.hex()}"
    return None


class Load:
    def __init__(self, server, pid, path):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.setblocking(False)
        self.socket.connect((server, 123))
        self.pid, self.path = pid, path
        self.sent = 0
        self.answered = set()
        self.wrong = []
        self.last_file = None  # the one that the latest reply tells

    def file_change(self, at):
        """As an operator does it: a new file in the old one's place."""
        with open(self.path + ".new", "w", encoding="ascii") as f:
            os.chmod(f.fileno(), 0o600)
            f.writelines(f"{key} {kind} HEX:{secret.hex()}\n" for key, (kind, secret) in FILES[at].items())
        os.rename(self.path + ".new", self.path)
        os.kill(self.pid, signal.SIGHUP)

    def send(self):
        key, _ = TURNS[self.sent % len(TURNS)]
        self.socket.send(request(self.sent, key))
        self.sent += 1

    def receive(self):
        while True:
            try:
                reply = self.socket.recv(2048)
            except BlockingIOError:
                return
            number = struct.unpack("!Q", reply[24:32])[0] - 1
            if not 0 <= number < self.sent or number in self.answered:
                self.wrong.append(f"a reply to request {number}, which does not wait for one")
                continue
            key, files = TURNS[number % len(TURNS)]
            self.answered.add(number)
            wrong = wrong_in(reply, key)
            if wrong:
                self.wrong.append(f"the reply to request {number} with key {key} {wrong}")
            elif len(files) == 1:
                self.last_file = min(files)

    def run(self, until, seconds):
        end = time.monotonic() + seconds
        while not until() and time.monotonic() < end:
            self.send()
            self.receive()
            time.sleep(PACE)
        return until()

    def drain(self):
        """What is still to come: until nothing came for a second."""
        end = time.monotonic() + 1
        while time.monotonic() < end:
            before = len(self.answered)
            self.receive()
            if len(self.answered) > before:
                end = time.monotonic() + 1
            time.sleep(PACE)

    def changes(self):
        """Goes through all requests in order: how often the file in force changed. Notes what is lost."""
        at = changes = 0
        for number in range(self.sent):
            key, files = TURNS[number % len(TURNS)]
            is_answered = number in self.answered
            if len(files) == 2 and not is_answered:
                self.wrong.append(f"request {number} with key {key} was not answered")
            if len(files) == 1 and at != (min(files) if is_answered else 1 - min(files)):
                at = 1 - at
                changes += 1
        return changes


def first_file_wait(server):
    """Until the first file's keys are in force: the load itself begins only then."""
    message = request(0, (30, *FILES[0][30]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.5)
        s.connect((server, 123))
        for _ in range(40):
            s.send(message)
            try:
                return s.recv(2048)
            except TimeoutError:
                continue
    return None


def main(server, pid, path):
    load = Load(server, int(pid), path)
    load.file_change(0)
    if first_file_wait(server) is None:
        print("the first keys file never came into force")
        return 1
    for i in range(1, RELOADS + 1):
        load.run(lambda: False, EVERY)
        load.file_change(i % 2)
        if not load.run(lambda at=i % 2: load.last_file == at, PATIENCE):
            load.wrong.append(f"change {i} was not seen within {PATIENCE} s")
            break
    load.run(lambda: False, EVERY)
    load.drain()
    changes = load.changes()
    if changes != RELOADS:
        load.wrong.append(f"the file in force changed {changes} times, not {RELOADS}")
    asked = {key: sum(1 for n in range(load.sent) if (TURNS[n % len(TURNS)][0] or [0])[0] == key) for key in STAYS}
    print(json.dumps({"sent": load.sent, "answered": len(load.answered), "reloads": RELOADS, "asked": asked}))
    for line in load.wrong[:5]:
        print(line)
    return 1 if load.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
