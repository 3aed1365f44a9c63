# SPDX-License-Identifier: BSD-3-Clause
"""A veth pair between two namespaces: any NTP server at one end, the generator or a client at the other."""
import contextlib
import json
import pathlib
import select
import subprocess

from steps import (READY_SECONDS, WARD, Again, Failure, generator_started, process_await, process_end, process_output,
                   words_of)

HOLDER = pathlib.Path(__file__).resolve().parent / "hold_lab"
SERVER, CLIENT = "10.123.0.1", "10.123.0.2"  # as scripts/lib/lab.sh has them
FIRST_SECONDS, FIRST_RATE = 0.2, "max"
CROWD = "198.18.0.0/15"  # where the generator's clients live
ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.2)
for _ in range(%d):
    try:
        s.sendto(b"\\x23" + bytes(39) + b"askedfor", (sys.argv[1], 123))
        if s.recv(1024)[24:32] == b"askedfor":
            sys.exit(0)
    except OSError:
        pass
sys.exit("no reply to any of %d requests")
""" % (READY_SECONDS * 5, READY_SECONDS * 5)


class Veth:
    """The laboratory, as a context. Its servers have the worker's core, generator and clients the other."""

    def __init__(self, lab):
        self.lab = lab

    def __enter__(self):
        self.holder = subprocess.Popen([*WARD, HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                       start_new_session=True)
        try:
            ready, _, _ = select.select([self.holder.stdout], [], [], READY_SECONDS)
            names = self.holder.stdout.readline().split() if ready else []
            if len(names) != 2:
                raise Failure("the two namespaces could not be made; the lines above say why")
            self.server_ns, self.client_ns = names
            self.crowd_settle()
        except BaseException:
            self.__exit__()
            raise
        return self

    def crowd_settle(self):
        """The clients are many, and all of them behind the one MAC."""
        self.server_mac, self.client_mac = self.mac(self.server_ns), self.mac(self.client_ns)
        self.ip(self.server_ns, "neigh", "replace", CLIENT, "lladdr", self.client_mac, "nud", "permanent")
        self.ip(self.server_ns, "route", "add", CROWD, "via", CLIENT)

    def __exit__(self, *_):
        self.holder.stdin.close()
        process_await(self.holder, READY_SECONDS, "the laboratory")
        self.holder.stdout.close()

    @staticmethod
    def ip(namespace, what, how, *words):
        return process_output(["ip", "-j", "-n", namespace, what, how, *words, "dev", "ntp0"], 10)

    def filter_put(self, is_there):
        """ntpwired's XDP filter at the server's end, with no address in it: it hands everything to the kernel. Where ntpwired
        runs it brings its own."""
        program = ["obj", str(self.lab.build / "dataplane/xdp/ntp_filter.bpf.o"), "sec", "xdp"] if is_there else ["off"]
        process_output(["ip", "-n", self.server_ns, "link", "set", "dev", "ntp0", "xdpdrv", *program], 10)

    def mac(self, namespace):
        return json.loads(self.ip(namespace, "link", "show"))[0]["address"]

    def in_server(self, *command):
        return ["ip", "netns", "exec", self.server_ns, *command]

    def in_client(self, *command):
        return ["ip", "netns", "exec", self.client_ns, "taskset", "-c", str(self.lab.generator_core), *command]

    def await_answer(self, process, log):
        """Until the server answers its first request."""
        try:
            process_output(self.in_client("/usr/bin/python3", "-c", ASK, SERVER), READY_SECONDS * 2)
        except Failure as failure:
            gone = "it has ended" if process.poll() is not None else "it does not answer"
            raise Failure(f"{pathlib.Path(log).name}: {gone}: {words_of(log)}") from failure

    @contextlib.contextmanager
    def generator(self):
        """A function of (seconds, rate, *more): the generator's words about the server that runs now, asked at this rate by a
        thousand clients. In a generator's first run hundreds are lost within milliseconds, whoever serves; it is not told."""
        out = self.lab.path_new("load.json")
        command = self.in_client(*self.generator_command(FIRST_SECONDS, FIRST_RATE, "--again"))
        process = generator_started(self.lab, out, command, stdin=subprocess.PIPE, text=True)
        try:
            load = Again(process, "the server on the veth pair", out)
            yield lambda seconds, rate, *more: load.ask(self.generator_command(seconds, rate, *more), seconds, f"at {rate}")
        finally:
            process_end(process)

    def generator_command(self, seconds, rate, *more):
        return [self.lab.load, "rate", "--device", "net_af_xdp0,iface=ntp0", "--core", str(self.lab.generator_core),
                "--dst", SERVER, "--dst-mac", self.server_mac, "--src-net", CROWD, "--clients", "1000", "--rate", str(rate),
                "--seconds", str(seconds), "--settle", "0.2", "--drain", "0.3", "--huge-pages", "off", "--memory", "128",
                "--allow-unsynchronised", "--quiet", "--json", *more]
