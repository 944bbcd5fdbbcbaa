"""C simulation: the Vitis C++ compiled by g++ with AMD's open ap_ headers, driven by its own
testbench.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from qfx import tools
from qfx.backends.project import Project
from qfx.cache import build_once
from qfx.fixedpoint.array import Integers
from qfx.hardware.port import Port, Words
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers, pieces_of
from qfx.tools import Job

COMPILE = ("-std=c++17", "-O2", "-w")


def simulate(project: Project, stimuli: Integers, workers: Workers | None = None) -> Outcome:
    """Run a batch through the C++, in pieces, each by a process.

    Args:
        project: whose vitis/ is compiled.
        stimuli: (samples, *input shape) integers of the input's dtype.
        workers: how many pieces at a time, and who hears of them.

    Raises:
        ToolMissing, ToolFailed: g++.
        SimulationError: the testbench found beats left behind or missing.
    """
    workers, testbench = workers or Workers(), build(project) / "testbench"
    pieces = pieces_of(len(stimuli))
    done = [0] * len(pieces)
    source, sink = project.manifest.input.port(), project.manifest.output.port()

    def job(number: int, folder: Path) -> Job:
        def count(frames: int) -> None:
            done[number] = frames
            workers.told(sum(done))

        def heard(line: str) -> None:
            if line.startswith("frames "):
                count(int(line.split()[1]))
            elif line.startswith("WARNING"):  # AMD's streams: read while empty, or not to the end
                raise SimulationError(f"C++ of {project.manifest.name}: {line}")

        folder.mkdir()
        part, arguments = stimuli[pieces[number]], ("--run", "stimuli.hex", "output.hex")
        (folder / "stimuli.hex").write_text(to_hex(source.pack(part)))
        return Job((str(testbench), *arguments), folder, heard, lambda: count(len(part)))

    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / str(number) for number in range(len(pieces))]
        workers.told(0)
        started = time.perf_counter()
        try:
            tools.watch(map(job, range(len(pieces)), folders), workers.count)
        except tools.ToolFailed as error:
            raise SimulationError(f"C++ of {project.manifest.name}: {error}") from error
        seconds = time.perf_counter() - started
        text = "".join((folder / "output.hex").read_text() for folder in folders)
    words = from_hex(text, sink)
    if len(words) != len(stimuli):
        raise SimulationError(
            f"C++ of {project.manifest.name}: {len(stimuli)} frames in, {len(words)} out"
        )
    return Outcome(sink.unpack(words), seconds)


def record(project: Project, stimuli: Integers) -> dict[str, Integers]:
    """What every stream of the C++ carries: by name, each lane's stored bits, beat after beat."""
    program = build(project, "-DQFX_TRACE") / "testbench"
    with tempfile.TemporaryDirectory() as folder:
        stimuli_file = Path(folder) / "stimuli.hex"
        stimuli_file.write_text(to_hex(project.manifest.input.port().pack(stimuli)))
        tools.run(str(program), "--run", str(stimuli_file), "output.hex", cwd=folder)
        files = sorted(Path(folder).glob("*.bin"))
        return {file.stem: np.fromfile(file, "<i8").astype(np.int64) for file in files}


def build(project: Project, *flags: str) -> Path:
    """The folder with the testbench's program."""
    folder, name = project.path / "vitis", project.manifest.name
    inputs = sorted(path for part in ("src", "tb") for path in (folder / part).glob("*"))

    def compile_into(target: Path) -> None:
        # one unit: parsing AMD's headers is most of the work
        parts = (folder / "src" / f"{name}.cpp", folder / "tb" / "testbench.cpp")
        includes = "".join(f'#include "{part.resolve()}"\n' for part in parts)
        (target / "unit.cpp").write_text(includes)
        tools.run(
            "g++", *COMPILE, *flags, f"-I{folder / 'include'}", f"-I{folder / 'src'}",
            str(target / "unit.cpp"), "-o", str(target / "testbench"),
        )  # fmt: skip

    headers = sorted(path for path in (folder / "include").rglob("*.h"))
    return build_once(
        "csim", [tools.run("g++", "--version"), *COMPILE, *flags, *inputs, *headers], compile_into
    )


def to_hex(words: Words) -> str:
    """One line a beat, its most significant digit first."""
    lines = np.ascontiguousarray(words[..., ::-1].reshape(-1, words.shape[-1]).astype(">u4"))
    return "".join(f"{line.tobytes().hex()}\n" for line in lines)


def from_hex(text: str, port: Port) -> Words:
    """The words of a whole number of frames: the inverse of `to_hex`."""
    beats = np.frombuffer(bytes.fromhex(text.replace("\n", "")), ">u4").astype(np.uint32)
    return beats.reshape(-1, port.stream.beats, port.width_bits // 32)[..., ::-1]
