# SPDX-License-Identifier: BSD-3-Clause
"""What every measurement needs: sentences for the user, a clock of what is left, processes that end."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

READY_SECONDS = 20
# A child ends when this program does, whatever ends it; Ctrl-C comes to this program alone.
WARD = ["setpriv", "--pdeathsig", "TERM", "--"]

started = []  # processes that were not ended yet


class Failure(Exception):
    """A sentence for the user."""


class Progress:
    """A line for every step, with the time gone and what is left of the plan."""

    def __init__(self, plan):
        self.plan = dict(plan)  # part -> seconds it should take, in order
        self.begin = self.part_begin = time.monotonic()
        self.part, self.part_done = None, 0.0

    def enter(self, part):
        self.part, self.part_begin, self.part_done = part, time.monotonic(), 0.0

    def left(self):
        parts = list(self.plan)
        here = parts.index(self.part) if self.part else -1
        rest = sum(self.plan[p] for p in parts[here + 1:])
        if self.part:
            gone = time.monotonic() - self.part_begin
            whole = gone / self.part_done if self.part_done > 0.2 else self.plan[self.part]
            rest += max(whole - gone, 0)
        return rest

    def is_late(self, done):
        """Whether the part takes much longer than planned, when so large a share of it is done."""
        return time.monotonic() - self.part_begin > 1.15 * done * self.plan[self.part]

    def say(self, text, done=None):
        """done: share of the part that is behind us."""
        if done is not None:
            self.part_done = done
        gone, left = int(time.monotonic() - self.begin), int(self.left())
        where = f"{self.part}: " if self.part else ""
        print(f"[{gone // 60:2}:{gone % 60:02}, about {left // 60}:{left % 60:02} left] {where}{text}",
              file=sys.stderr, flush=True)


class Quiet:
    """A progress without a plan: the line alone."""

    @staticmethod
    def say(text, done=None):
        del done
        print(text, file=sys.stderr, flush=True)


def words_of(log):
    return " ".join(pathlib.Path(log).read_text(errors="replace").split()[-40:])


def process_start(command, out, err=None, **more):
    """Popen with its output in files."""
    with open(out, "w", encoding="utf-8") as o, open(err or out, "a", encoding="utf-8") as e:
        process = subprocess.Popen([*WARD, *map(str, command)], stdout=o, stderr=e, start_new_session=True, **more)
        started.append(process)
    return process


def processes_end():
    """What an interrupt in the wrong moment left running."""
    for process in list(started):
        process_end(process)
    runtime_remove(f"ntpwire-bench-{os.getpid()}*")


def process_end(process):
    """SIGTERM; SIGKILL for what does not hear it."""
    if process in started:
        started.remove(process)
    if process.stdin:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    runtime_remove(f"ntpwire-*-{process.pid}")


def runtime_remove(pattern):
    """Takes away DPDK's folder of a program that was ended before it could do so itself."""
    for folder in pathlib.Path("/var/run/dpdk").glob(pattern):
        shutil.rmtree(folder, ignore_errors=True)


def process_await(process, seconds, name):
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{name} did not end in {seconds:.0f} s") from late


def process_output(command, seconds):
    """What a command prints; a Failure with its last words if it does not end well."""
    name = pathlib.Path(str(command[0])).name
    with tempfile.TemporaryDirectory(prefix="ntpwire-bench.") as folder:
        out, err = pathlib.Path(folder) / "out", pathlib.Path(folder) / "err"
        process = process_start(command, out, err)
        try:
            process_await(process, seconds, name)
        finally:
            process_end(process)
        if process.returncode != 0:
            raise Failure(f"{name} ended with {process.returncode}: {words_of(err)} {words_of(out)}")
        return out.read_text()


def await_text(process, log, text):
    for _ in range(READY_SECONDS * 20):
        if text in pathlib.Path(log).read_text(errors="replace"):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise Failure(f"{pathlib.Path(log).name}: not ready: {words_of(log)}")


def generator_started(lab, out, command, **more):
    """ntpwire-load, with the file `log` of what it complains of."""
    log = lab.path_new("load.log")
    generator = process_start(command, out, log, **more)
    generator.log = log
    return generator


def answers_text(words):
    return (f"{words['answered']} of {words['requests']} requests were answered and {words['invalid']} replies were "
            "not what they should be")


def load_words(process, where, out, log):
    """What ntpwire-load printed as JSON; a Failure with the reason if it was not content."""
    try:
        words = json.loads(out.read_text())
    except ValueError:
        words = {}
    if process.returncode == 0:
        return words
    if "answered" in words:
        why = answers_text(words)
    else:
        why = words_of(log) or words_of(out)
    raise Failure(f"{where}: ntpwire-load ended with {process.returncode}: {why}")


class Again:
    """ntpwire-load that is asked again and again on one port (--again); its first run is behind it.

    process: from generator_started; out: the file of what it prints.
    """

    def __init__(self, process, name, out):
        self.process, self.name, self.out = process, name, out
        self.read = 0  # characters of its words
        self.words("its first run")

    def ask(self, command, seconds, what):
        """Its words about another run, which takes so long."""
        try:
            self.process.stdin.write(" ".join(map(str, command[1:])) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failure(f"{self.name}: the generator has ended: {words_of(self.process.log)}") from None
        time.sleep(seconds)
        return self.words(what)

    def words(self, what):
        """The next JSON object that it prints."""
        for _ in range(READY_SECONDS * 50):
            text = self.out.read_text()[self.read:]
            if text.endswith("\n}\n"):
                self.read += len(text)
                return self.checked(json.loads(text), what)
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise Failure(f"{self.name}, {what}: no result: {words_of(self.process.log)}")

    def checked(self, words, what):
        if words["answered"] == 0 or words["invalid"] > 0:
            raise Failure(f"{self.name}, {what}: {answers_text(words)}")
        return words
