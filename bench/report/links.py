# SPDX-License-Identifier: BSD-3-Clause
"""Two processes on a link of shared memory: a server or a reflector, and the generator that asks it."""
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import time

from steps import (READY_SECONDS, Again, Failure, await_text, generator_started, load_words, process_await, process_end,
                   process_output, process_start, runtime_remove, words_of)

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = 640  # of 2 MiB: three servers and three generators
PAGES_FILE = pathlib.Path("/proc/sys/vm/nr_hugepages")
MAC = "02:00:00:00:00:01"
KINDS = ["memif", "vhost", "virtio", "packed"]


def huge_pages_return():
    """Ours only: others may have reserved some meanwhile."""
    PAGES_FILE.write_text(str(max(int(PAGES_FILE.read_text()) - PAGES, 0)))


def huge_pages_reserve(stack, folder):
    """Reserves pages and mounts them at `folder`; False where they are not to be had."""
    if not os.access(PAGES_FILE, os.W_OK):
        return False
    before = int(PAGES_FILE.read_text())
    PAGES_FILE.write_text(str(before + PAGES))
    got = int(PAGES_FILE.read_text()) - before
    if got < PAGES:
        PAGES_FILE.write_text(str(before))
        return False
    stack.callback(huge_pages_return)
    folder.mkdir()
    if subprocess.run(["mount", "-t", "hugetlbfs", "none", folder], check=False).returncode != 0:
        return False
    stack.callback(subprocess.run, ["umount", folder], check=False)
    return True


@dataclasses.dataclass(frozen=True)
class Question:
    """What the generator asks."""

    family: int = 4
    vlan: int = 0
    clients: str = "1000"
    junk: int = 0  # percent
    interleaved: bool = False  # asks when the reply before left

    @property
    def frame_bytes(self):
        return {4: 90, 6: 110}[self.family] + (4 if self.vlan else 0)

    @property
    def text(self):
        tag = (f", VLAN {self.vlan}" if self.vlan else "") + (f", {self.junk} % junk" if self.junk else "")
        mode = ", interleaved" if self.interleaved else ""
        return f"IPv{self.family}{tag}, {self.clients} client{'' if self.clients == '1' else 's'}{mode}"

    def arguments(self):
        # A network with room for 16 M clients, seen by nobody but these two processes.
        net, server = {4: ("12.0.0.0/7", "10.123.0.1"), 6: ("2001:2::/48", "fd00:123::1")}[self.family]
        tag = ["--vlan", str(self.vlan)] if self.vlan else []
        junk = ["--junk", str(self.junk)] if self.junk else []
        mode = ["--interleaved"] if self.interleaved else []
        return ["--dst", server, "--src-net", net, "--clients", self.clients, *tag, *junk, *mode]


class Lab:
    """What all runs have in common: where the programs and files are, who has which core."""

    def __init__(self, build, folder, huge=None, generator_core=0, worker_core=1):
        self.build = pathlib.Path(build).resolve()
        self.folder, self.huge = folder, huge
        self.generator_core, self.worker_core = generator_core, worker_core
        self.serial = 0

    def path_new(self, name):
        self.serial += 1
        return self.folder / f"{self.serial}-{name}"

    def run_dir_new(self):
        """A server's; DPDK's folder has its name."""
        self.serial += 1
        return self.folder / f"ntpwire-bench-{os.getpid()}-{self.serial}"

    @property
    def load(self):
        return self.build / "bench/load/ntpwire-load"


# Frames a ring of a link holds, as a power of two. Short rings stay in the cache and carry most; long ones
# hold what comes while the machine takes the core away for some milliseconds.
SHORT_RING, LONG_RING = 10, 14


class Link:
    """The two devices of one kind of link, on a socket of its own."""

    def __init__(self, kind, socket, ring):
        memif = f"socket={socket},socket-abstract=no,rsize={ring}"
        # A split ring: from one of descriptors and their state together ("packed") vhost takes four at a time, and waits
        # for their frames before it looks at the next four.
        virtio = (f"net_virtio_user0,path={socket},packed_vq={int(kind == 'packed')},mrg_rxbuf=0,in_order=1,"
                  f"queue_size={1 << ring}")
        vhost = f"net_vhost0,iface={socket},queues=1"
        self.kind, self.socket = kind, socket
        # Whoever owns the socket comes first.
        self.generator_first = kind == "virtio"
        # The link is up then before the server knows the time.
        self.patience = ["--settle", "4"] if self.generator_first else []
        self.server, self.generator = {
            "memif": (f"net_memif0,role=server,{memif},mac={MAC}", f"net_memif0,role=client,{memif}"),
            "vhost": (vhost, f"{virtio},mac=02:00:00:00:00:02"),
            "packed": (vhost, f"{virtio},mac=02:00:00:00:00:02"),
            "virtio": (f"{virtio},mac={MAC}", vhost),
        }[kind]

    def socket_await(self, process, log):
        for _ in range(READY_SECONDS * 20):
            if self.socket.exists():
                return
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise Failure(f"no socket {self.socket}: {words_of(log)}")


class Testpmd:
    """The reference. Its memif side may crash when the other one leaves: only after it was measured."""

    def __init__(self, lab, mode):
        self.lab, self.mode = lab, mode
        self.name = f"testpmd {mode}"
        self.expect = {"5tswap": "reflect"}.get(mode, mode)
        self.mac = MAC
        self.prefix = f"ntpwire-bench-{os.getpid()}"

    def command(self, link):
        if not self.lab.huge:
            memory = ["--no-huge", "--no-shconf", "-m", "256"]
        elif "memif" in link.server:
            memory = ["--huge-dir", str(self.lab.huge), "-m", "256", "--huge-unlink=always", "--no-shconf"]
        else:
            memory = ["--huge-dir", str(self.lab.huge), "-m", "256", "--in-memory", "--single-file-segments"]
        return ["dpdk-testpmd", "--no-pci", "--no-telemetry", f"--file-prefix={self.prefix}",
                f"--lcores=0@{self.lab.generator_core},1@{self.lab.worker_core}", "--main-lcore=0", *memory,
                f"--vdev={link.server}", "--", f"--forward-mode={self.mode}", "--burst=64",
                "--interactive", "--auto-start", "--total-num-mbufs=16384"]

    @contextlib.contextmanager
    def running(self, link):
        log = self.lab.path_new("testpmd.log")
        process = process_start(self.command(link), log, stdin=subprocess.PIPE)
        try:
            await_text(process, log, "testpmd>")
            yield process
        finally:
            process_end(process)
            runtime_remove(self.prefix)


class Ntpwired:
    """What is measured."""

    name = "ntpwired"
    expect = "ntp"

    def __init__(self, lab, interleaved=0):
        """interleaved: MiB for it; 0: basic mode only."""
        self.lab, self.interleaved = lab, interleaved
        self.mac = MAC
        self.run_dir = lab.run_dir_new()

    def config_write(self, link):
        config = {
            "ports": [{"device": link.server, "addresses": ["10.123.0.1/24", "fd00:123::1/64"]}],
            "workers": [self.lab.worker_core],
            "main_core": self.lab.generator_core,
            "idle": "spin",
            "max_poll_gap_drop": 0,  # losses are to be the link's; the machine's own stalls are told in its noise
            "reference": {"source": "fixed", "stratum": 10},
            "memory": {"huge_pages": bool(self.lab.huge), "size": 256},
            "interleaved": self.interleaved,
            "run_dir": str(self.run_dir),
        }
        if self.lab.huge:
            config["eal"] = [f"--huge-dir={self.lab.huge}"]
        path = self.lab.path_new("ntpwire.yaml")
        path.write_text(json.dumps(config))  # JSON is YAML
        return path

    def mac_ask(self):
        status = process_output([self.lab.build / "control/ctl/ntpwirectl", "--run-dir", self.run_dir, "status",
                                 "--json"], 10)
        return json.loads(status)["ports"][0]["mac"]

    @contextlib.contextmanager
    def running(self, link):
        log = self.lab.path_new("ntpwired.log")
        process = process_start([self.lab.build / "control/ntpwired", "--config", self.config_write(link)], log)
        try:
            await_text(process, log, "ntpwired: ready:")
            self.mac = self.mac_ask()
            yield process
        finally:
            process_end(process)
            runtime_remove(f"{self.run_dir.name}-*")


def generator_command(lab, device, server, question, how):
    """how: the command of ntpwire-load and its own options."""
    memory = ["--eal", f"--huge-dir={lab.huge}"] if lab.huge else ["--huge-pages", "off"]
    return [lab.load, *how, "--device", device, "--core", lab.generator_core, "--dst-mac", server.mac,
            *question.arguments(), "--expect", server.expect, "--memory", "128", "--wait", READY_SECONDS,
            "--quiet", "--json", *memory]


def flat_out(seconds, settle=0.2, drain=0.1):
    return ["rate", "--rate", "max", "--seconds", seconds, "--settle", settle, "--drain", drain]


@contextlib.contextmanager
def pair_running(link, server, generator_start):
    """Both ends of a link, whoever owns its socket first: the processes of server and generator."""
    with contextlib.ExitStack() as stack:
        if link.generator_first:
            generator = generator_start()
            stack.callback(process_end, generator)
            link.socket_await(generator, generator.log)
            yield stack.enter_context(server.running(link)), generator
        else:
            process = stack.enter_context(server.running(link))
            generator = generator_start()
            stack.callback(process_end, generator)
            yield process, generator


def ask(lab, kind, server, question, how, patience, ring=SHORT_RING):
    """One run of the generator against a server on a fresh link: what it prints as JSON."""
    link, out = Link(kind, lab.path_new("link.sock"), ring), lab.path_new("load.json")

    def start():
        command = generator_command(lab, link.generator, server, question, [*how, *link.patience])
        return generator_started(lab, out, command)

    with pair_running(link, server, start) as (_, generator):
        process_await(generator, patience, "the generator")
    return load_words(generator, f"{server.name} over {kind}", out, generator.log)


class Asked:
    """A server that is asked again and again over an open link, and sleeps in between: its core is another's then."""

    def __init__(self, lab, link, server, process, generator, out):
        self.lab, self.link, self.server = lab, link, server
        self.process, self.generator = process, Again(generator, server.name, out)
        self.process.send_signal(signal.SIGSTOP)

    def measure(self, question, seconds):
        command = generator_command(self.lab, self.link.generator, self.server, question, flat_out(seconds, 0.05, 0.05))
        self.process.send_signal(signal.SIGCONT)
        try:
            return self.generator.ask(command, seconds, question.text)
        finally:
            self.process.send_signal(signal.SIGSTOP)


@contextlib.contextmanager
def asked(lab, kind, server, question):
    """An Asked on a fresh link."""
    link, out = Link(kind, lab.path_new("link.sock"), SHORT_RING), lab.path_new("load.json")

    def start():
        command = generator_command(lab, link.generator, server, question, [*flat_out(0.1), "--again", *link.patience])
        return generator_started(lab, out, command, stdin=subprocess.PIPE, text=True)

    with pair_running(link, server, start) as (process, generator):
        try:
            yield Asked(lab, link, server, process, generator, out)
        finally:
            process.send_signal(signal.SIGCONT)


def measure(lab, kind, server, question, seconds):
    return ask(lab, kind, server, question, flat_out(seconds), READY_SECONDS + seconds + 30)


def generator_alone(lab, question):
    """What it can do where nobody else has a hand in it: it gets back what it sent."""
    command = generator_command(lab, "net_ring0", Testpmd(lab, "io"), question, flat_out(0.5))
    return json.loads(process_output(command, 60))


def generator_words(lab):
    """The commands and options that this ntpwire-load has, by its own help."""
    text = process_output([lab.load, "--help"], 10)
    commands = {word for word in ("rate", "search", "latency", "soak") if f"ntpwire-load {word} " in text}
    return commands | set(re.findall(r"--[a-z-]+", text))


def same_clock(lab):
    """The option that compares the server's timestamps with the clock both sides read, if there is one."""
    return ["--same-clock"] if "--same-clock" in generator_words(lab) else []
