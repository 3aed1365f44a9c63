# SPDX-License-Identifier: BSD-3-Clause
"""NTP servers at the end of a veth pair: ntpwired and other people's. None can set this machine's clock.

Each says why it cannot run here, if it cannot; scripts/bench unpacks their programs below the folder
`peers` and into the Debian 13 tree.
"""
import contextlib
import json
import os
import pathlib

from steps import await_text, process_end, process_output, process_start, runtime_remove
from veth import SERVER

ROOT = pathlib.Path(__file__).resolve().parents[2]
NO_CLOCK = ["setpriv", "--bounding-set=-sys_time", "--inh-caps=-all", ROOT / "tests/system/no_clock.py"]
STRATUM = 10
UNPACK_HINT = "run ./scripts/bench, which unpacks it"


class Server:
    """How to run one. log: what it says."""

    name = package = version = None

    def __init__(self, lab, out):
        """out: the folder with peers/ and trixie/."""
        self.lab, self.out = lab, out

    def root(self):
        return self.out / "peers" / self.package / "root"

    def program(self):
        return self.root() / "usr/sbin" / self.daemon

    def why_not(self):
        return None if self.program().exists() else f"no {self.package} below {self.out}/peers: {UNPACK_HINT}"

    def where(self):
        return ["taskset", "-c", self.lab.worker_core]

    @contextlib.contextmanager
    def running(self, veth):
        folder = self.lab.path_new(self.name)
        folder.mkdir()
        log = folder / f"{self.name}.log"
        process = process_start(veth.in_server(*self.where(), *self.command(folder)), log)
        try:
            self.await_ready(veth, process, log)
            yield
        finally:
            process_end(process)
            runtime_remove(f"ntpwire-bench-{os.getpid()}-*")

    @staticmethod
    def await_ready(veth, process, log):
        veth.await_answer(process, log)

    @staticmethod
    def file_write(path, *lines):
        path.write_text("\n".join(lines) + "\n")
        return path


class Ntpwired(Server):
    """Ours, on an AF_XDP port; the fixed reference is the machine's clock, taken as it is."""

    name = package = "ntpwired"

    def __init__(self, lab, out, interleaved=0):
        """interleaved: MiB for it; 0: basic mode only."""
        super().__init__(lab, out)
        self.interleaved = interleaved

    def why_not(self):
        return None

    def command(self, folder):
        config = {
            "ports": [{"device": "net_af_xdp0,iface=ntp0", "addresses": [f"{SERVER}/24"]}],
            "workers": [self.lab.worker_core], "main_core": self.lab.generator_core, "idle": "spin",
            "max_poll_gap_drop": 0, "reference": {"source": "fixed", "stratum": STRATUM},
            "memory": {"huge_pages": False, "size": 256}, "interleaved": self.interleaved,
            "run_dir": str(folder / f"ntpwire-bench-{os.getpid()}"),
        }
        path = self.file_write(folder / "ntpwire.yaml", json.dumps(config))
        return [self.lab.build / "control/ntpwired", "--config", path]

    def where(self):
        return []  # it places its threads itself

    @staticmethod
    def await_ready(veth, process, log):
        await_text(process, log, "ntpwired: ready:")
        veth.await_answer(process, log)


class Chronyd(Server):
    """chrony: -x keeps it from the clock."""

    name, package, daemon = "chronyd", "chrony", "chronyd"

    def command(self, folder):
        conf = self.file_write(folder / "chrony.conf", f"local stratum {STRATUM}", "allow all", "cmdport 0",
                               "bindcmdaddress /", f"pidfile {folder}/pid", f"driftfile {folder}/drift")
        return [self.program(), "-x", "-d", "-u", "root", "-f", conf]


class Ntpsec(Server):
    """ntpsec's ntpd. Left to itself it gives each client a burst of 20 replies and then few."""

    name, package, daemon = "ntpsec", "ntpsec", "ntpd"

    def command(self, folder):
        conf = self.file_write(folder / "ntp.conf", f"refclock local stratum {STRATUM}", "restrict default",
                               "limit average 1000000000 burst 1000000000 kod 1000000000", f"driftfile {folder}/drift")
        return [*NO_CLOCK, self.program(), "-n", "-N", "-g", "-U", "0", "-c", conf, "-p", folder / "pid"]


class NtpdRs(Server):
    """ntpd-rs of Debian 13, by that tree's own loader and libraries."""

    name, package, daemon = "ntpd-rs", "ntpd-rs", "ntp-daemon"

    def program(self):
        return self.out / "trixie/usr/bin/ntp-daemon"

    def why_not(self):
        return None if self.program().exists() else \
            f"no ntpd-rs in {self.out}/trixie: run ./scripts/bench without --quick, which makes a Debian 13 tree"

    def command(self, folder):
        conf = self.file_write(folder / "ntp.toml", "[[server]]", f'listen = "{SERVER}:123"', "[synchronization]",
                               f"local-stratum = {STRATUM}", "[observability]", 'log-level = "warn"')
        words = process_output(["bash", "-c", '. "$0/scripts/lib/common.sh"; OUT=$1; . "$0/scripts/lib/trixie.sh"; '
                                "trixie_command ntp-daemon", ROOT, self.out], 20)
        return [*NO_CLOCK, *words.split(), "-c", conf]


class Openntpd(Server):
    """OpenNTPD wants a user and folders of its own, which it has in a view of /etc and /var that nobody else sees."""

    name, package, daemon = "openntpd", "openntpd", "ntpd"

    def command(self, folder):
        conf = self.file_write(folder / "ntpd.conf", f"listen on {SERVER}")
        (folder / "jail").mkdir()
        users = self.file_write(folder / "passwd", "root:x:0:0::/root:/bin/sh",
                                f"ntpd:x:65533:65533::{folder}/jail:/bin/false")
        groups = self.file_write(folder / "group", "root:x:0:", "ntpd:x:65533:")
        # ip netns exec has given the command a mount namespace of its own.
        script = ('mount --bind "$0" /etc/passwd && mount --bind "$1" /etc/group && mount -t tmpfs none /var/lib && '
                  'mkdir -p /var/lib/openntpd/run /var/lib/openntpd/db && shift && exec "$@"')
        return ["bash", "-c", script, users, groups, *NO_CLOCK, self.program(), "-d", "-f", conf]


ALL = [Ntpwired, Chronyd, Ntpsec, NtpdRs, Openntpd]
