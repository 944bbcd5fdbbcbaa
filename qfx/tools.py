"""The programs and packages that proof and synthesis need: found, or named with what installs
them.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


class ToolMissing(RuntimeError):  # noqa: N818 (it reads as the sentence it is)
    """A program that is not on PATH; the sentence says how to get it."""


class ToolFailed(RuntimeError):  # noqa: N818
    """A program that ended with an error; the sentence has its last lines."""


@dataclass(frozen=True)
class Tool:
    """A program.

    Args:
        command: as typed.
        version_flag: what makes it print its version.
        purpose: in a few words.
        install: the command that installs it on Debian and Ubuntu; None where there is none.
        required: whether the default proof needs it.
    """

    command: str
    version_flag: str
    purpose: str
    install: str | None
    required: bool = True

    def version(self) -> str | None:
        """The version it prints of itself; None when it is not on PATH."""
        if shutil.which(self.command) is None:
            return None
        result = subprocess.run(
            [self.command, self.version_flag],
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
        Tool("vitis_hls", "-version", "C synthesis by AMD's tool", None, required=False),
        Tool("vivado", "-version", "place and route by AMD's tool", None, required=False),
    )
}

PACKAGES: tuple[str, ...] = (
    "torch", "numpy", "onnx", "onnxruntime", "qonnx", "hls4ml", "pyverilator", "jinja2",
    "lightning-fabric", "matplotlib", "pydantic", "rich", "safetensors", "typer",
)  # fmt: skip


def require(command: str) -> str:
    """The path of a tool.

    Raises:
        ToolMissing: it is not on PATH.
    """
    found = shutil.which(command)
    if found is None:
        install = TOOLS[command].install if command in TOOLS else None
        raise ToolMissing(
            f"{command} is not on PATH: "
            + (f"install it with '{install}'" if install else "it has to be installed by hand")
            + " and try again ('qfx doctor' lists every tool)"
        )
    return found


def run(*arguments: str, cwd: str | None = None) -> str:
    """Run a tool and return what it prints.

    Raises:
        ToolMissing: it is not on PATH.
        ToolFailed: it ended with an error.
    """
    command = [require(arguments[0]), *arguments[1:]]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if result.returncode:
        tail = "\n".join((result.stdout + result.stderr).strip().splitlines()[-12:])
        raise ToolFailed(f"{arguments[0]} ended with {result.returncode}:\n{tail}")
    return result.stdout


def watch(
    *arguments: str,
    folder: Path,
    heard: Callable[[str], None],
    began: Callable[[subprocess.Popen[str]], None] = lambda process: None,
) -> None:
    """Run a tool in a folder, where its temporary files go too, and tell each line it says.

    Whatever interrupts this ends the tool and all it has started; `began` is given the process, so
    that another thread can `end` it.

    Raises:
        ToolMissing: it is not on PATH.
        ToolFailed: it ended with an error.
    """
    process = subprocess.Popen(
        [require(arguments[0]), *arguments[1:]],
        cwd=folder,
        env=os.environ | {"TMPDIR": str(folder.resolve())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    said: deque[str] = deque(maxlen=12)
    try:
        began(process)
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip("\n"))
            heard(said[-1])
        code = process.wait()
    except BaseException:
        end(process)
        process.wait()
        raise
    if code < 0:
        ended = signal.Signals(-code).name
        said.append(f"it was ended by {ended}, perhaps for want of memory")
    if code:
        raise ToolFailed("\n".join((f"{arguments[0]} ended with {code}:", *said)))


def end(process: subprocess.Popen[str]) -> None:
    """End a tool that `watch` runs, and all it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)


def package_version(name: str) -> str | None:
    """The installed version; None when it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
