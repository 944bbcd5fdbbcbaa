"""Integers of 31 to 63 bits, signed against unsigned, in C++ and RTL: golden's, in every op."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from together import prove_rtl
from wide_graphs import MAKERS, wide_graph
from wide_operands import wide_samples

from qfx import assets, boards, flow
from qfx.backends import vitis
from qfx.fixedpoint import FixedPointArray
from qfx.fixedpoint.array import Integers
from qfx.hardware import Design, port, schedule
from qfx.ir import Graph
from qfx.ir.text import to_text
from qfx.simulation.cpp.csim import from_hex, to_hex

# How many of each kind; the clip of mixed signs is the one that once went wrong.
COMPARING = (
    "add", "argmax", "chain", "concat", "difference", "divide", "globalmax", "maximum", "maxpool2d",
    "minimum", "prelu", "relu", "sum",
)  # fmt: skip
FEW = dict.fromkeys(COMPARING, 1) | {"clip": 5, "cast": 2}
MANY = dict.fromkeys(MAKERS, 8) | {"cast": 40}
FRAMES = 30
# the results are those of -O2, in less than half of its time; with the headers' own assertions
FLAGS = (
    "-std=c++17",
    "-O0",
    "-w",
    "-fno-exceptions",
    "-fno-asynchronous-unwind-tables",
)
BOARD = "pynq_z2"  # 64 bits on its bus

_MAIN = """\
#include <cstdint>
#include <cstdio>
#include "ap_axi_sdata.h"
#include "hls_stream.h"
{library}
template <class In> static void send(hls::stream<In>& port, const uint64_t* words, int beats) {{
  for (int beat = 0; beat < beats; ++beat) {{
    In word;
    word.data = words[beat];
    port.write(word);
  }}
}}
template <class Out> static void print(hls::stream<Out>& port, int beats) {{
  for (int beat = 0; beat < beats; ++beat) {{
    std::printf("%016llx\\n", (unsigned long long)port.read().data.to_uint64());
  }}
}}
{designs}
int main() {{
{runs}
}}
"""


@pytest.fixture(autouse=True)
def _ports_of_64_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that wide operands can enter and leave as they are."""
    monkeypatch.setattr(port, "ELEMENT_BITS", (*port.ELEMENT_BITS, 64))


def design_of(graph: Graph, seed: int) -> Design:
    kinds = ("auto", "lut", "dsp")
    return schedule(graph, boards.load(BOARD), multipliers=kinds[seed % 3])


def run_cpp(designs: list[Design], inputs: list[tuple[np.ndarray, ...]], folder: Path):
    """What the generated C++ of all designs gives, from one program: AMD's headers cost seconds."""
    texts, runs = [], []
    for number, (design, arrays) in enumerate(zip(designs, inputs, strict=True)):
        own = folder / f"d{number}"
        own.mkdir()
        for name, text in vitis.sources(design).items():
            (own / name).write_text(text.replace("#pragma once", ""))
        texts.append(f'namespace d{number} {{\n#include "d{number}/{design.graph.name}.cpp"\n}}')
        runs.append(_run(number, design, arrays))
    library = assets.folder("hls_templates") / "vitis"
    headers = "\n".join(f'#include "{p.name}"' for p in sorted((library / "lib").glob("*.hpp")))
    main = _MAIN.format(library=headers, designs="\n".join(texts), runs="\n".join(runs))
    (folder / "main.cpp").write_text(main)
    includes = [vitis.ap_types(), library / "include", library / "lib", folder]
    flags = [*FLAGS, *(f"-I{path}" for path in includes)]
    program = folder / "main"
    subprocess.run(["g++", *flags, str(folder / "main.cpp"), "-o", str(program)], check=True)
    lines = subprocess.run(
        [str(program)], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()
    for design, arrays in zip(designs, inputs, strict=True):
        beats = design.outputs[0].stream.beats * len(arrays[0])
        taken, lines = lines[:beats], lines[beats:]
        yield design.outputs[0].unpack(from_hex("\n".join(taken), design.outputs[0]))


def _run(number: int, design: Design, arrays: tuple[np.ndarray, ...]) -> str:
    name, frames = design.graph.name, len(arrays[0])
    types, lines = f"d{number}::{name}_types", ["  {"]
    ends = [*design.inputs, *design.outputs]
    words = ["InputWord" + p.suffix for p in design.inputs] + [
        "OutputWord" + p.suffix for p in design.outputs
    ]
    for end, word in zip(ends, words, strict=True):
        lines.append(f"    hls::stream<{types}::{word}> {end.stream.name};")
    for end, array in zip(design.inputs, arrays, strict=True):
        hexes = ", ".join(f"0x{line}ull" for line in to_hex(end.pack(array)).split())
        lines.append(f"    static const uint64_t {end.stream.name}_words[] = {{{hexes}}};")
    registers = [r.name for r in vitis.kernel_registers(design)]
    lines.append("    qfx::Register " + ", ".join(registers) + ";")
    lines.append(f"    for (int frame = 0; frame < {frames}; ++frame) {{")
    for end in design.inputs:
        beats = end.stream.beats
        lines.append(
            f"      send({end.stream.name}, {end.stream.name}_words + frame * {beats}, {beats});"
        )
    names = ", ".join([*(end.stream.name for end in ends), *registers])
    lines.append(f"      d{number}::{name}({names});")
    lines.append(f"      print({ends[-1].stream.name}, {ends[-1].stream.beats});")
    return "\n".join([*lines, "    }", "  }"])


def drawn(counts: dict[str, int]) -> list[tuple[str, Graph, tuple[Integers, ...]]]:
    """Of each kind so many graphs, with their names and their samples."""
    cases = [(kind, number) for kind, count in counts.items() for number in range(count)]
    graphs = [wide_graph(f"{kind}_{number}", kind, number) for kind, number in cases]
    return [
        (graph.name, graph, wide_samples(graph, FRAMES, number))
        for graph, (_, number) in zip(graphs, cases, strict=True)
    ]


def fixed_point(graph: Graph, arrays: tuple[Integers, ...]) -> list[FixedPointArray]:
    pairs = zip(arrays, graph.inputs, strict=True)
    return [FixedPointArray(x, entry.cast.dtype) for x, entry in pairs]


@pytest.mark.parametrize(
    "counts", [FEW, pytest.param(MANY, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_cpp(counts: dict[str, int], tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    require_tool("g++")
    cases = drawn(counts)
    designs = [design_of(graph, number) for number, (_, graph, _) in enumerate(cases)]
    outputs = run_cpp(designs, [arrays for _, _, arrays in cases], tmp_path)
    wrong = []
    for (name, graph, arrays), found in zip(cases, outputs, strict=True):
        golden = graph.run_all(*fixed_point(graph, arrays))[0].integers
        if (golden != found).any():
            wrong.append(f"{name}: {int((golden != found).sum())} of {golden.size}")
            wrong.append(to_text(graph))
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
@pytest.mark.parametrize("part", range(4))
def test_rtl(part: int, tmp_path: Path, require_tool: Callable[[str], None]) -> None:
    """Unstalled and stalled, frames back to back."""
    require_tool("verilator")
    projects = []
    for number, (name, graph, arrays) in enumerate(drawn(dict.fromkeys(MAKERS, 3))):
        if number % 4 == part:
            project = flow.write(design_of(graph, number), tmp_path / name)
            golden = graph.run_all(*fixed_point(graph, arrays))
            recorded = {"stimuli": arrays, "golden": [each.integers for each in golden]}
            for kind, ports in (("stimuli", "inputs"), ("golden", "outputs")):
                records = getattr(project.manifest, ports)
                for record, array in zip(records, recorded[kind], strict=True):
                    np.save(project.path / "vectors" / f"{kind}{record.port().suffix}.npy", array)
            projects.append(project)
    prove_rtl(projects, tmp_path / "together")
