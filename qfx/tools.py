"""The programs that proof and synthesis need: found, or named with what installs them."""

from __future__ import annotations

import os
import re
import selectors
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from qfx import children
from qfx.errors import QfxError


class ToolMissing(QfxError, RuntimeError):  # noqa: N818 (it reads as the sentence it is)
    """A program that is not on PATH; the sentence says how to get it."""


class ToolFailed(QfxError, RuntimeError):  # noqa: N818
    """A program that ended with an error; the sentence has its last lines."""


@dataclass(frozen=True)
class Tool:
    """A program.

    Args:
        command: as typed.
        version_flag: what makes it print its version; empty where `question` does.
        purpose: in a few words.
        install: the command that installs it on Debian and Ubuntu; None where there is none.
        required: whether the default proof needs it.
        title: what it calls itself, where that is not the command.
        by_hand: what to do where no command installs it.
        question: what it is told, on its input, to print its version.
    """

    command: str
    version_flag: str
    purpose: str
    install: str | None
    required: bool = True
    title: str = ""
    by_hand: str = "install it by hand"
    question: str = ""

    @property
    def advice(self) -> str:
        """What to do where it is missing."""
        return f"install it with '{self.install}'" if self.install else self.by_hand

    def version(self) -> str | None:
        """The version it prints of itself; None when it is not on PATH."""
        if shutil.which(self.command) is None:
            return None
        result = subprocess.run(
            [self.command, *filter(None, [self.version_flag])],
            input=self.question,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        found = re.search(r"\d+(\.\d+)+", result.stdout + result.stderr)
        return found.group() if found else "present"


TOOLS: dict[str, Tool] = {
    tool.command: tool
    for tool in (
        Tool("g++", "--version", "C and RTL simulation", "apt-get install g++"),
        Tool("make", "--version", "the folder's own Makefiles", "apt-get install make"),
        Tool("verilator", "--version", "RTL simulation", "apt-get install verilator"),
        Tool("yosys", "-V", "resource counts", "apt-get install yosys", required=False),
        Tool("iverilog", "-V", "checks the Verilog", "apt-get install iverilog", required=False),
        Tool("chromium", "--version", "looks at report.html", "apt-get install chromium", False),
        Tool(
            "tclsh",
            "",
            "checks the scripts for Vivado",
            "apt-get install tcl",
            required=False,
            question="puts [info patchlevel]",
        ),
        Tool(
            "vitis_hls",
            "-version",
            "C synthesis by AMD's tool",
            None,
            False,
            "Vitis HLS",
            "install AMD's Vitis and source its settings64.sh",
        ),
        Tool(
            "v++",
            "-version",
            "the same since Vitis 2024.2",
            None,
            False,
            "Vitis",
            "install AMD's Vitis and source its settings64.sh",
        ),
        Tool(
            "vitis-run",
            "-version",
            "simulators since Vitis 2024.2",
            None,
            False,
            "Vitis",
            "install AMD's Vitis and source its settings64.sh",
        ),
        Tool(
            "vivado",
            "-version",
            "place and route by AMD's tool",
            None,
            False,
            "Vivado",
            "install AMD's Vivado and source its settings64.sh",
        ),
    )
}


def usable_cpus() -> int:
    """Those this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def require(command: str) -> str:
    """The path of a tool.

    Raises:
        ToolMissing: it is not on PATH.
    """
    found = shutil.which(command)
    if found is None:
        advice = TOOLS[command].advice if command in TOOLS else "install it by hand"
        raise ToolMissing(
            f"{command} is not on PATH: {advice} and try again ('qfx doctor' lists every tool)"
        )
    return found


def run(*arguments: str, cwd: str | Path | None = None) -> str:
    """Run a tool and return what it prints. Nothing of it is left when this ends, or is killed.

    Raises:
        ToolMissing: it is not on PATH.
        ToolFailed: it ended with an error.
    """
    process = children.start([require(arguments[0]), *arguments[1:]], cwd)
    try:
        said, complained = (text.decode(errors="replace") for text in process.communicate())
    finally:
        children.end(process)
    if process.returncode:
        tail = "\n".join((said + complained).strip().splitlines()[-12:])
        raise ToolFailed(f"{arguments[0]} ended with {process.returncode}:\n{tail}")
    return said


@dataclass(frozen=True)
class Job:
    """A run of a tool in a folder, where its temporary files go too.

    Args:
        arguments: the tool and what it is given.
        folder: it runs in.
        heard: told of each line it says.
        ended: called when it has done well.
        environment: variables it is given beside ours.
    """

    arguments: Sequence[str]
    folder: Path
    heard: Callable[[str], None]
    ended: Callable[[], None] = lambda: None
    environment: Mapping[str, str] = field(default_factory=dict)


def watch(jobs: Iterable[Job], at_once: int = 1) -> None:
    """Run jobs in their order, some at a time.

    Whatever interrupts this, the failure of one of them or a kill too, ends every tool that runs
    and all it has started.

    Raises:
        ToolMissing: it is not on PATH.
        ToolFailed: it ended with an error.
    """
    waiting, running = iter(jobs), set[_Running]()
    selector = selectors.DefaultSelector()
    try:
        while True:
            for job in islice(waiting, at_once - len(running)):
                running.add(started := _Running(job))
                selector.register(started.output, selectors.EVENT_READ, started)
            if not running:
                return
            for key, _ in selector.select():
                started = key.data
                if not started.hear():
                    selector.unregister(started.output)
                    running.remove(started)
                    started.end()
    finally:
        selector.close()
        for started in running:
            started.kill()


class _Running:
    """A job that has begun."""

    def __init__(self, job: Job) -> None:
        self.job, self.rest = job, b""
        self.said: deque[str] = deque(maxlen=12)
        self.process = children.start(
            [require(job.arguments[0]), *job.arguments[1:]],
            job.folder,
            {"TMPDIR": str(job.folder.resolve()), **job.environment},
            stderr=subprocess.STDOUT,
        )
        assert self.process.stdout is not None
        self.output = self.process.stdout

    def hear(self) -> bool:
        """Tell what it has said since; False when it says no more."""
        read = os.read(self.output.fileno(), 1 << 16)
        *lines, self.rest = (self.rest + (read or b"\n")).split(b"\n")
        for line in lines:
            if read or line:
                self.said.append(line.decode(errors="replace"))
                self.job.heard(self.said[-1])
        return bool(read)

    def end(self) -> None:
        """Call the job ended, or say why it is not done."""
        name, code = self.job.arguments[0], self.process.wait()
        self.kill()  # what it may have started and left
        if code < 0:
            ended = signal.Signals(-code).name
            self.said.append(f"it was ended by {ended}, perhaps for want of memory")
        if code:
            raise ToolFailed("\n".join((f"{name} ended with {code}:", *self.said)))
        self.job.ended()

    def kill(self) -> None:
        children.end(self.process)
        self.output.close()
