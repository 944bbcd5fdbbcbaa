"""C simulation: the Vitis C++ compiled by g++ with AMD's open ap_ headers, driven by its own
testbench.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np

from qfx import tools
from qfx.cache import build_once
from qfx.disk.scratch import scratch
from qfx.fixedpoint.array import Integers
from qfx.hardware.port import Port, Words
from qfx.ir.several import Arrays, alone, chosen, each_of
from qfx.project import Project
from qfx.simulation.cpp.dataflow import as_dataflow, explain
from qfx.simulation.outcome import Outcome, SimulationError
from qfx.simulation.parallel import Workers, pieces_of
from qfx.simulation.rtl import queues
from qfx.tools import Job

COMPILE = ("-std=c++17", "-O2", "-w")
# A method of AMD's integers that every operation calls. Being volatile, it makes g++ store and load
# each of them; without the word they stay in registers, and are ten times as fast: docs/adr/0019.
CLEARED, FASTER = "clearUnusedBits(void) volatile", "clearUnusedBits(void)"
# The headers of every design: what g++ makes of them, in some 100 MB, is kept, as they take a
# quarter of the time of a small one.
_PARSED = "parsed.hpp"
_EVERY_DESIGN_HAS = (
    "ap_axi_sdata.h", "ap_fixed.h", "ap_int.h", "hls_stream.h",
    "algorithm", "chrono", "fstream", "functional", "iostream", "string", "vector",
)  # fmt: skip
_DATAFLOW = ("-DQFX_DATAFLOW", "-U_FORTIFY_SOURCE")  # which takes jumps between stacks for errors


def simulate(project: Project, stimuli: Arrays, workers: Workers | None = None) -> Outcome:
    """Run a batch through the C++, in pieces, each by a process: frames back to back, through
    streams as deep as declared.

    Args:
        project: whose vitis/ is compiled.
        stimuli: (samples, *input shape) integers of the input's dtype; of several inputs a tuple.
        workers: how many pieces at a time, and who hears of them.

    Raises:
        ToolMissing, ToolFailed: g++.
        SimulationError: a deadlock, named, beats left behind or missing, or a stream of another
            depth than designed.
    """
    workers, testbench = workers or Workers(), build(project, *_DATAFLOW) / "testbench"
    count, manifest = len(each_of(stimuli)[0]), project.manifest
    pieces = pieces_of(count)
    done, levels = [0] * len(pieces), dict[str, tuple[int, int]]()
    sinks = [record.port() for record in manifest.outputs]

    def job(number: int, folder: Path) -> Job:
        def tell(frames: int) -> None:
            done[number] = frames
            workers.told(sum(done))

        def heard(line: str) -> None:
            if line.startswith("frames "):
                tell(int(line.split()[1]))
            elif line.startswith("stream "):
                _, stream, *level = line.split()
                levels[stream] = (int(level[0]), int(level[1]))
            elif line.startswith("WARNING"):  # AMD's streams: read while empty, or not to the end
                raise SimulationError(f"C++ of {project.manifest.name}: {line}")

        folder.mkdir()
        piece = pieces[number]
        arguments = testbench_arguments(project, chosen(stimuli, piece), folder)
        return Job(
            (str(testbench), *arguments), folder, heard, lambda: tell(piece.stop - piece.start)
        )

    with scratch("csim") as name:
        folders = [Path(name) / str(number) for number in range(len(pieces))]
        workers.told(0)
        started = time.perf_counter()
        try:
            tools.watch(map(job, range(len(pieces)), folders), workers.count)
        except tools.ToolFailed as error:
            stuck = explain(project.stages(), levels) if levels else None
            why = f"a deadlock: {stuck}" if stuck else error
            raise SimulationError(f"C++ of {project.manifest.name}: {why}") from error
        seconds = time.perf_counter() - started
        texts = [
            "".join((folder / f"output{sink.suffix}.hex").read_text() for folder in folders)
            for sink in sinks
        ]
    queues.check_cpp(project)
    words = [from_hex(text, sink) for text, sink in zip(texts, sinks, strict=True)]
    for given in words:
        if len(given) != count:
            raise SimulationError(f"C++ of {manifest.name}: {count} frames in, {len(given)} out")
    return Outcome(alone([s.unpack(given) for s, given in zip(sinks, words, strict=True)]), seconds)


def testbench_arguments(project: Project, stimuli: Arrays, folder: Path) -> list[str]:
    """The testbench's, for stimuli that are written into the folder."""
    arguments = ["--run"]
    for record, integers in zip(project.manifest.inputs, each_of(stimuli), strict=True):
        port = record.port()
        arguments.append(f"stimuli{port.suffix}.hex")
        (folder / arguments[-1]).write_text(to_hex(port.pack(integers)))
    outputs = [f"output{record.port().suffix}.hex" for record in project.manifest.outputs]
    return [*arguments, *outputs]


def record(project: Project, stimuli: Arrays) -> dict[str, Integers]:
    """What every stream of the C++ carries: by name, each lane's stored bits, beat after beat."""
    program = build(project, "-DQFX_TRACE") / "testbench"
    with scratch("csim") as folder:
        tools.run(str(program), *testbench_arguments(project, stimuli, Path(folder)), cwd=folder)
        files = sorted(Path(folder).glob("*.bin"))
        return {file.stem: np.fromfile(file, "<i8").astype(np.int64) for file in files}


def build(project: Project, *flags: str) -> Path:
    """The folder with the testbench's program."""
    folder, name = project.path / "vitis", project.manifest.name
    inputs = sorted(path for part in ("src", "tb") for path in (folder / part).glob("*"))
    headers = sorted(path for path in (folder / "include").rglob("*.h"))
    compiler = tools.run("g++", "--version")
    keys: list[str | Path] = [compiler, *COMPILE, CLEARED, FASTER, *flags, *headers]

    def parse_into(target: Path) -> None:
        copied_headers(folder / "include", target)
        (target / _PARSED).write_text("".join(f"#include <{each}>\n" for each in _EVERY_DESIGN_HAS))
        arguments = (*COMPILE, *flags, f"-I{target}", "-x", "c++-header", str(target / _PARSED))
        tools.run("g++", *arguments, "-o", str(target / f"{_PARSED}.gch"))

    def compile_into(target: Path) -> None:
        top = folder / "src" / f"{name}.cpp"
        if flags == _DATAFLOW:
            top = target / "dataflow.cpp"
            text = (folder / "src" / f"{name}.cpp").read_text()
            top.write_text(as_dataflow(text, name))
        parts = (_PARSED, top.resolve(), (folder / "tb" / "testbench.cpp").resolve())
        (target / "unit.cpp").write_text("".join(f'#include "{part}"\n' for part in parts))
        parsed = build_once("csim-headers", [*keys, *_EVERY_DESIGN_HAS], parse_into)
        tools.run(
            "g++", *COMPILE, *flags, f"-I{parsed}", f"-I{folder / 'src'}",
            str(target / "unit.cpp"), "-o", str(target / "testbench"),
        )  # fmt: skip

    return build_once("csim", [*keys, *inputs], compile_into)


def copied_headers(headers: Path, target: Path) -> Path:
    """AMD's headers, so that g++ keeps their integers in registers."""
    shutil.copytree(headers, target, dirs_exist_ok=True)
    integers = target / "etc" / "ap_private.h"
    integers.write_text(integers.read_text().replace(CLEARED, FASTER))
    return target


def to_hex(words: Words) -> str:
    """One line a beat, its most significant digit first."""
    lines = np.ascontiguousarray(words[..., ::-1].reshape(-1, words.shape[-1]).astype(">u4"))
    return "".join(f"{line.tobytes().hex()}\n" for line in lines)


def from_hex(text: str, port: Port) -> Words:
    """The words of a whole number of frames: the inverse of `to_hex`."""
    beats = np.frombuffer(bytes.fromhex(text.replace("\n", "")), ">u4").astype(np.uint32)
    return beats.reshape(-1, port.stream.beats, port.width_bits // 32)[..., ::-1]
